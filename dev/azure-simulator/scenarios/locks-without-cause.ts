import { type Environment, linkedEnvironments, type World } from '../world/world.ts';
import {
  type AuditedOperation,
  DATA_PLANE,
  liveVault,
  policyOf,
  type Scenario,
  type Target,
} from './scenario.ts';

const POWER_PLATFORM = 'Power Platform’s own acts raise no Event Grid event';
const MINUTE_MS = 60_000;

/** A lock that no reading of the key explains, and each of its signs by itself. */
export const LOCK_SCENARIOS: Scenario[] = [
  silently(
    'locked',
    'Locks the policy’s environments though nothing that can be read is wrong with the key.',
    (_draft, target) => {
      policyOf(target).unreadableFault = true;
      return refusals(target);
    },
  ),
  silently('undo-locked', 'Ends that fault. The environments stay disabled.', (_draft, target) => {
    delete policyOf(target).unreadableFault;
    return [unwrap(target, 200)];
  }),
  silently(
    'environments-disabled',
    'Disables the named environment, or all of the policy’s, as an administrator can.',
    (draft, target) => setEnvironments(draft, target, false),
  ),
  silently('undo-environments-disabled', 'Enables them again.', (draft, target) =>
    setEnvironments(draft, target, true),
  ),
  silently(
    'policy-unhealthy',
    'The policy calls itself Unhealthy, and nothing else changes.',
    (_draft, target) => {
      policyOf(target).health = 'Unhealthy';
      return [];
    },
  ),
  silently('undo-policy-unhealthy', 'The policy calls itself Healthy.', (_draft, target) => {
    policyOf(target).health = 'Healthy';
    return [];
  }),
  silently(
    'unwraps-refused',
    'The vault has refused the key to the policy’s identity for the last 6 minutes, by its audit log.',
    (_draft, target) => refusals(target),
  ),
  silently('undo-unwraps-refused', 'The policy’s identity unwraps with its key again.', (_draft, target) => [
    unwrap(target, 200),
  ]),
];

function silently(
  name: string,
  line: string,
  change: (draft: World, target: Target) => AuditedOperation[],
): Scenario {
  const silent = name.includes('unwraps') ? DATA_PLANE : POWER_PLATFORM;
  return {
    name,
    line,
    raises: null,
    silent,
    // Nobody is known to have done it: that is what the story is about.
    perform: (draft, { target }) => ({ events: [], audit: change(draft, target), silent, unattended: true }),
  };
}

function setEnvironments(draft: World, target: Target, isOn: boolean): AuditedOperation[] {
  const chosen = target.environment ? [target.environment] : linkedEnvironments(draft, policyOf(target).id);
  for (const environment of chosen) switchTo(environment, isOn);
  return [];
}

function switchTo(environment: Environment, isOn: boolean): void {
  environment.runtime = isOn ? 'Enabled' : 'Disabled';
  if (environment.instance) environment.instance = isOn ? 'Ready' : 'Disabled';
}

function refusals(target: Target): AuditedOperation[] {
  return [6, 3, 0].map((minutes) => ({ ...unwrap(target, 403), agoMs: minutes * MINUTE_MS }));
}

function unwrap(target: Target, status: number): AuditedOperation {
  const { principalId } = policyOf(target);
  return {
    operation: 'KeyUnwrap',
    vaultId: liveVault(target).id,
    path: `keys/${target.keyName ?? ''}`,
    status,
    by: { objectId: principalId, applicationId: principalId, ipAddress: '192.0.2.200' },
  };
}
