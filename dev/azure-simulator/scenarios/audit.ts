import { whyUnusable } from '../world/apply-locks.ts';
import { auditSettingOf } from '../world/event-sources.ts';
import {
  armEvent,
  DATA_PLANE,
  liveVault,
  policyOf,
  type Scenario,
  ScenarioRefusedError,
} from './scenario.ts';

/** Changes to the audit log itself, and changes that only the audit log reports. */
export const AUDIT_SCENARIOS: Scenario[] = [
  setAuditLog('audit-log-off', 'Deletes the vault’s diagnostic setting: its audit log goes nowhere.', false),
  setAuditLog(
    'audit-log-off-by-vault',
    'Deletes the vault’s diagnostic setting, which Azure reports as an operation of the vault.',
    false,
    'Microsoft.KeyVault/vaults/providers/Microsoft.Insights',
  ),
  setAuditLog('audit-log-on', 'Makes the vault’s diagnostic setting again.', true),
  {
    name: 'use-key',
    line: 'The policy’s identity unwraps with its key: refused where the key is out of its reach.',
    raises: null,
    silent: DATA_PLANE,
    perform(draft, { target, now }) {
      const policy = policyOf(target);
      const why = whyUnusable(draft, policy, now);
      const status = why === undefined ? 200 : target.key ? 403 : 404;
      return {
        events: [],
        silent: DATA_PLANE,
        audit: [
          {
            operation: 'KeyUnwrap',
            vaultId: liveVault(target).id,
            path: `keys/${target.keyName ?? ''}`,
            status,
            by: { objectId: policy.principalId, applicationId: policy.principalId, ipAddress: '192.0.2.200' },
          },
        ],
        note: why === undefined ? 'It worked.' : `It was refused: ${why}.`,
      };
    },
  },
];

/** `family`: the operation has two documented names, with and without the vault's type before it. */
function setAuditLog(name: string, line: string, isOn: boolean, family = 'Microsoft.Insights'): Scenario {
  const operation = `${family}/diagnosticSettings/${isOn ? 'write' : 'delete'}`;
  return {
    name,
    line,
    raises: operation,
    perform(draft, { target }) {
      const vault = liveVault(target);
      const setting = auditSettingOf(draft, vault.id);
      if (!setting)
        throw new ScenarioRefusedError(409, `No diagnostic setting was ever deployed for ${vault.name}.`, {
          field: 'vault',
        });
      vault.auditLog = isOn;
      const event = armEvent(isOn ? 'Write' : 'Delete', operation, setting.id);
      return { events: [event], audit: [] };
    },
  };
}
