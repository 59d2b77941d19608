import { NOTICE_REASONS } from '../../incidents/notice-reason.ts';
import { fault, type SettingFault } from '../../settings-schema/fault.ts';
import { settingWithName } from '../../settings-schema/names.ts';
import { CHANNELS } from './channel-settings.ts';

/** Faults between the settings of the channels: missing dependencies, and names that refer to nothing. */
export function channelFaults(
  values: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): SettingFault[] {
  const has = (key: keyof typeof CHANNELS) => Boolean(environment[CHANNELS[key].name]?.trim());
  const nameOf = (key: keyof typeof CHANNELS, name: string) => settingWithName(CHANNELS[key].name, name);
  const faults: SettingFault[] = [];
  const transports = (['smtpUrl', 'acsEndpoint'] as const).filter(has);
  const hasTransport = transports.length > 0 || values.graphMail === true;
  const isMailWanted = hasTransport || has('emailFrom') || has('emailTo');
  if (isMailWanted) {
    for (const key of ['emailFrom', 'emailTo'] as const)
      if (!has(key))
        faults.push(fault(CHANNELS[key].name, ' is missing: email needs a sender and recipients.'));
    if (!hasTransport)
      faults.push(
        fault(
          CHANNELS.smtpUrl.name,
          ` is missing: email needs it, or ${CHANNELS.acsEndpoint.name} or ${CHANNELS.graphMail.name}.`,
        ),
      );
  }
  if (has('smtpTokenScope') && !has('smtpUrl'))
    faults.push(
      fault(CHANNELS.smtpUrl.name, ` is missing: ${CHANNELS.smtpTokenScope.name} is for its sign-in.`),
    );
  if (has('owners') && !hasTransport)
    faults.push(fault(CHANNELS.owners.name, ' needs email: no transport for it is set.'));
  const hooks = namesOf(values.webhookUrl);
  for (const key of ['webhookPreset', 'webhookSecret'] as const)
    for (const name of namesOf(values[key]).filter((one) => !hooks.includes(one)))
      faults.push(fault(nameOf(key, name), ` has no webhook: set ${nameOf('webhookUrl', name)}.`));
  for (const name of hooks) {
    const preset = heldFor(values.webhookPreset, name) ?? 'cloudevents';
    if (
      (preset === 'pagerduty' || preset === 'servicenow') &&
      heldFor(values.webhookSecret, name) === undefined
    )
      faults.push(fault(nameOf('webhookSecret', name), ` is missing: the preset ${preset} needs it.`));
    const secret = heldFor(values.webhookSecret, name);
    if (preset === 'servicenow' && typeof secret === 'string' && !/^[^:]+:./.test(secret))
      faults.push(
        fault(
          nameOf('webhookSecret', name),
          ' must be user:password for the preset servicenow (its value is not shown).',
        ),
      );
  }
  const channels = channelNames(values, has);
  if (channels.length === 0 && !isMailWanted && !namesAnywhere(environment))
    faults.push({
      setting: CHANNELS.teamsWebhookUrl.name,
      text: `No channel is set: set ${CHANNELS.teamsWebhookUrl.name}, or email (${CHANNELS.smtpUrl.name} with ${CHANNELS.emailFrom.name} and ${CHANNELS.emailTo.name}), or ${CHANNELS.webhookUrl.name}.`,
    });
  faults.push(...routeFaults(values.routes, channels));
  return faults;
}

/** The names of all channels that these settings create, as `createChannels` returns them. */
export function channelNames(
  values: Readonly<Record<string, unknown>>,
  has: (key: keyof typeof CHANNELS) => boolean,
): string[] {
  const named = (kind: string, names: string[]) =>
    names.map((name) => (name === '' ? kind : `${kind}-${name}`));
  return [
    ...named('teams', namesOf(values.teamsWebhookUrl)),
    ...(has('smtpUrl') ? ['email'] : []),
    ...(values.graphMail === true ? ['email-graph'] : []),
    ...(has('acsEndpoint') ? ['email-acs'] : []),
    ...named('webhook', namesOf(values.webhookUrl)),
    ...(has('eventGridTopic') ? ['eventgrid'] : []),
  ];
}

function routeFaults(routes: unknown, channels: readonly string[]): SettingFault[] {
  if (typeof routes !== 'object' || routes === null) return [];
  return Object.entries(routes).flatMap(([reason, to]: [string, unknown]) => {
    const faults = [];
    if (!NOTICE_REASONS.some((one) => one.toLowerCase() === reason))
      faults.push(
        fault(CHANNELS.routes.name, `: '${reason}' is no reason. Reasons: ${NOTICE_REASONS.join(', ')}.`),
      );
    const unknown = Array.isArray(to)
      ? to.filter((name) => !channels.includes(String(name).toLowerCase()))
      : [];
    if (unknown.length > 0)
      faults.push(
        fault(
          CHANNELS.routes.name,
          `: no channel is called ${unknown.join(', ')}. Set are: ${channels.join(', ') || 'none'}.`,
        ),
      );
    return faults;
  });
}

/** An invalid channel setting is reported by its own fault; it need not be reported as missing as well. */
function namesAnywhere(environment: Readonly<Record<string, string | undefined>>): boolean {
  const names = [CHANNELS.teamsWebhookUrl.name, CHANNELS.webhookUrl.name, CHANNELS.eventGridTopic.name];
  return Object.entries(environment).some(
    ([setting, value]) =>
      value?.trim() && names.some((name) => setting === name || setting.startsWith(`${name}_`)),
  );
}

function namesOf(held: unknown): string[] {
  return typeof held === 'object' && held !== null ? Object.keys(held) : [];
}

function heldFor(held: unknown, name: string): unknown {
  return new Map(Object.entries(held ?? {})).get(name);
}
