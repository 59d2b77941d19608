import * as z from 'zod';
import { optionalText, parseAs } from '../../shared/azure/answer-schema.ts';
import { armIdParts } from '../../shared/azure/arm-id.ts';
import { locksReaching, readLocks } from '../../shared/facts/locks.ts';
import { blockedSteps } from '../../shared/triggers/blocked-steps.ts';
import { type AzureReader, failedRead } from './azure-reader.ts';
import type { Check } from './report.ts';

/** Policy Assignments REST, List For Resource: atScope() adds those of every scope above the resource. */
const ASSIGNMENTS_API = 'api-version=2023-04-01&$filter=atScope()';
const MAX_NAMED = 10;

/**
 * What can refuse or undo a remediation step on a vault: the assignments of Azure Policy and the locks on it and
 * above it. Worth knowing before an incident; the app itself does not need to read them.
 */
export async function vaultGuards(azure: AzureReader, vaultIds: readonly string[]): Promise<Check[]> {
  const checks = await Promise.all(vaultIds.map((id) => ofVault(azure, id)));
  return checks.flat();
}

async function ofVault(azure: AzureReader, id: string): Promise<Check[]> {
  const { name, subscriptionId = '' } = armIdParts(id);
  const [policies, locks] = blockedSteps(
    { vaultId: id, vaultName: name, subscriptionId },
    { isOfVault: true },
  );
  const [assigned, locked] = await Promise.all([
    assignmentsAbove(azure, id),
    locksAbove(azure, id, subscriptionId),
  ]);
  return [
    {
      about: 'vaultGuards',
      id,
      ...assigned,
      ...shown(assigned.state, 'See their effects: deny refuses a step, modify undoes it.', policies.command),
    },
    {
      about: 'vaultGuards',
      id,
      ...locked,
      ...shown(
        locked.state,
        'See the ReadOnly locks, which refuse every step but those on keys.',
        locks.command,
      ),
    },
  ];
}

type Found = Pick<Check, 'state' | 'says'>;

function shown(state: Check['state'], what: string, command: string | undefined): Pick<Check, 'remediation'> {
  return state === 'note' ? { remediation: { what, command } } : {};
}

async function assignmentsAbove(azure: AzureReader, id: string): Promise<Found> {
  const listed = await azure.arm.list(
    `${id}/providers/Microsoft.Authorization/policyAssignments`,
    ASSIGNMENTS_API,
  );
  if (listed.kind !== 'answered')
    return unread('policy assignments', failedRead(listed, `Reader on the vault ${id}`));
  const found = listed.value.map((item) => parseAs(assignmentSchema, item));
  const known = found.flatMap((one) => ('value' in one ? [one.value] : []));
  const enforced = known.filter(({ isEnforced }) => isEnforced);
  if (found.length > known.length)
    return { state: 'unknown', says: 'A policy assignment answered in another form than documented.' };
  if (enforced.length === 0) return { state: 'ok', says: 'No policy assignment applies to it.' };
  return {
    state: 'note',
    says: `${enforced.length} policy assignment(s) apply to it: ${named(enforced.map(({ name, scope }) => `${name} at ${scope}`))}.`,
  };
}

async function locksAbove(azure: AzureReader, id: string, subscriptionId: string): Promise<Found> {
  const part = locksReaching(await readLocks(azure.arm, subscriptionId), id);
  if (part.state === 'unknown')
    return unread('locks', { state: part.reason === 'forbidden' ? 'missing' : 'unknown', says: part.detail });
  if (part.state === 'gone') return { state: 'unknown', says: part.detail };
  if (part.value.length === 0) return { state: 'ok', says: 'No lock applies to it.' };
  const isReadOnly = part.value.some(({ level }) => /^ReadOnly$/i.test(level));
  const says = `${part.value.length} lock(s) apply to it: ${named(part.value.map(({ name, level, scope }) => `${name} (${level}) at ${scope}`))}.`;
  return { state: isReadOnly ? 'note' : 'ok', says };
}

/** A refusal is no fault: nothing that is watched depends on it. */
function unread(what: string, { state, says }: Found): Found {
  return state === 'missing'
    ? { state: 'note', says: `Its ${what} could not be read. ${says}` }
    : { state, says };
}

function named(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  return `${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const assignmentSchema = z
  .object({
    id: z.string(),
    name: optionalText,
    properties: z.object({ displayName: optionalText, enforcementMode: optionalText, scope: optionalText }),
  })
  .transform(({ id, name, properties }) => ({
    name: properties.displayName ?? name ?? id,
    scope:
      properties.scope ?? id.replace(/\/providers\/Microsoft\.Authorization\/policyAssignments\/[^/]*$/i, ''),
    isEnforced: !/^DoNotEnforce$/i.test(properties.enforcementMode ?? ''),
  }));
