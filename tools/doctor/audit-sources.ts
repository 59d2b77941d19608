import * as z from 'zod';
import { optionalText, parseAs } from '../../shared/azure/answer-schema.ts';
import { normalId } from '../../shared/azure/arm-id.ts';
import type { Reading } from '../../shared/facts/reader.ts';
import { azCommand } from '../../shared/triggers/az-command.ts';
import { type AzureReader, asAsked, failedRead, stateOf } from './azure-reader.ts';
import type { FoundSources } from './event-sources.ts';
import { DEPLOY_AGAIN, deployAgain, grantReading } from './remediation.ts';
import type { Check } from './report.ts';

/** Azure Monitor REST: Diagnostic Settings. There is no newer version than this preview. */
const API = 'api-version=2021-05-01-preview';
const RIGHTS = ['Microsoft.Insights/diagnosticSettings/read'];
/** "Diagnostic settings in Azure Monitor": a resource has five at most. */
const MAX_SETTINGS = 5;

/** Checks the diagnostic settings of each vault: whether its audit log goes to Lockwatch's event hub. */
export async function auditSources(
  azure: AzureReader,
  reading: Reading,
  vaultIds: readonly string[],
): Promise<FoundSources> {
  const checks = await Promise.all(vaultIds.map((id) => ofVault(azure, reading, id)));
  const states = { ok: 'wired', note: 'missing', missing: 'missing', unknown: 'unknown' } as const;
  return { checks, wired: new Map(checks.map(({ id, state }) => [normalId(id), states[state]])) };
}

async function ofVault(azure: AzureReader, reading: Reading, id: string): Promise<Check> {
  const base = { about: 'auditLog' as const, id };
  const listed = await azure.arm.list(`${id}/providers/Microsoft.Insights/diagnosticSettings`, API);
  if (listed.kind !== 'answered') {
    const failure = failedRead(listed, `Reader on the vault ${id}`);
    if (failure.state !== 'missing') return { ...base, ...failure };
    return { ...base, ...failure, rights: RIGHTS, remediation: grantReading(azure.who, id) };
  }
  const settings: Setting[] = [];
  for (const item of listed.value) {
    const parsed = parseAs(settingSchema, item);
    if ('fault' in parsed)
      return {
        ...base,
        state: 'unknown',
        says: `A diagnostic setting of it answers in another form than documented: ${parsed.fault}.`,
      };
    settings.push(parsed.value);
  }
  const { auditHub } = azure.settings;
  const namespaces = Object.values(azure.settings.auditNamespace);
  const sending = settings.filter(sendsAudit);
  const there = sending.length === 0 ? '' : ` Its audit log goes to ${sending.map(goesTo).join('; ')}.`;
  if (auditHub === undefined)
    return {
      ...base,
      state: 'note',
      says: `The settings name no event hub: nobody is named for a disabled or deleted key.${there}`,
    };
  const ours = sending.find((setting) => isOurs(setting, auditHub, namespaces));
  if (ours) return { ...base, ...(await ofHub(azure, reading, ours, auditHub)) };
  const room =
    settings.length < MAX_SETTINGS
      ? ''
      : ` It has ${settings.length} diagnostic settings, and Azure allows no more: take one away first.`;
  return {
    ...base,
    state: 'missing',
    says: `No diagnostic setting sends its audit log (AuditEvent) to the event hub ${auditHub} in ${namespaces.join(' or ')}: nobody is named for a disabled or deleted key.${there}${room}`,
    remediation: {
      ...deployAgain(
        'Deploy with auditLog: true for this vault, or make the setting by hand to the namespace of the vault’s region.',
        'Key vaults → the vault → Diagnostic settings → Add → Audit Logs → Stream to an event hub',
      ),
      command: byHand(id, auditHub, sending) ?? DEPLOY_AGAIN,
    },
  };
}

/** The setting outlives its hub: records sent after that are lost. */
async function ofHub(
  azure: AzureReader,
  reading: Reading,
  { name, properties }: Setting,
  hub: string,
): Promise<Pick<Check, 'state' | 'says' | 'rights' | 'remediation'>> {
  const [namespaceId = ''] = (properties.eventHubAuthorizationRuleId ?? '').split(/\/authorizationRules\//i);
  const id = `${namespaceId}/eventhubs/${hub}`;
  const part = await reading.readEventSource(id);
  const found = `By ${name}, to the event hub ${hub}`;
  if (part.state === 'known') return { state: 'ok', says: `${found}.` };
  if (part.state === 'gone')
    return {
      state: 'missing',
      says: `${found}, which is not there any more: the audit log is lost.`,
      remediation: deployAgain('Deploy again: it makes the event hub.'),
    };
  const state = stateOf(part.reason);
  const says = `${found}; whether that is there could not be read. ${asAsked(part.detail)}`;
  if (state !== 'missing') return { state, says };
  return {
    state,
    says,
    rights: ['Microsoft.EventHub/namespaces/eventhubs/read'],
    remediation: grantReading(azure.who, id),
  };
}

/** Only where another setting contains the rule's full id; a guessed one would be a wrong command. */
function byHand(id: string, hub: string, sending: readonly Setting[]): string | undefined {
  const rule = sending.find(({ properties }) => properties.eventHubName === hub)?.properties
    .eventHubAuthorizationRuleId;
  const command = azCommand(
    'monitor diagnostic-settings create',
    ['--name', 'lockwatch'],
    ['--resource', id],
    ['--event-hub', hub],
    ['--event-hub-rule', rule],
  );
  return command && `${command} --logs '[{"category":"AuditEvent","enabled":true}]'`;
}

type Setting = z.infer<typeof settingSchema>;

/**
 * The category itself, or a group that includes it (Azure Monitor docs: "Diagnostic settings", category
 * groups).
 */
function sendsAudit({ properties }: Setting): boolean {
  return (properties.logs ?? []).some(
    ({ enabled, category, categoryGroup }) =>
      enabled && /^(?:auditevent|audit|alllogs)$/i.test(category ?? categoryGroup ?? ''),
  );
}

function isOurs({ properties }: Setting, hub: string, namespaces: readonly string[]): boolean {
  const namespace = namespaceIn(properties.eventHubAuthorizationRuleId);
  return (
    properties.eventHubName?.toLowerCase() === hub.toLowerCase() &&
    namespaces.some((host) => host.split('.')[0]?.toLowerCase() === namespace)
  );
}

function namespaceIn(ruleId: string | undefined): string | undefined {
  return /\/namespaces\/([^/]+)\//i.exec(ruleId ?? '')?.[1]?.toLowerCase();
}

function goesTo({ name, properties }: Setting): string {
  const { eventHubName, eventHubAuthorizationRuleId: rule, workspaceId, storageAccountId } = properties;
  const to = [
    ...(rule
      ? [`the event hub ${eventHubName ?? '(its own)'} in ${namespaceIn(rule) ?? 'a namespace'}`]
      : []),
    ...(workspaceId ? ['a Log Analytics workspace'] : []),
    ...(storageAccountId ? ['a storage account'] : []),
  ];
  return `${to.join(' and ') || 'another place'} (${name ?? 'a setting'})`;
}

const settingSchema = z.object({
  name: optionalText,
  properties: z.object({
    eventHubAuthorizationRuleId: optionalText,
    eventHubName: optionalText,
    workspaceId: optionalText,
    storageAccountId: optionalText,
    logs: z
      .array(z.object({ category: optionalText, categoryGroup: optionalText, enabled: z.boolean() }))
      .nullish(),
  }),
});
