import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { readLocalSettings } from '../dev/functions-host/app-settings.ts';
import { HostError } from '../dev/functions-host/host-error.ts';
import { CLOUDS } from '../shared/azure/cloud.ts';
import { appCredential } from '../shared/azure/credential.ts';
import { CHANNEL_SETTINGS } from '../shared/notices/channels/channel-settings.ts';
import { createChannels } from '../shared/notices/channels/create-channels.ts';
import { drillNotice } from '../shared/notices/drill-notice.ts';
import type { Channel, SendResult } from '../shared/notices/notice.ts';
import { deploymentIn } from '../shared/settings/deployment.ts';
import { docsBase } from '../shared/settings/docs-base.ts';
import { readSettings, SETTINGS, SettingsError } from '../shared/settings/settings.ts';
import type { SettingDescription } from '../shared/settings-schema/description.ts';
import { ownRepositoryDocs } from './build/repository-docs.ts';

const USAGE = `npm run notify:test -- [--channel NAME] [--directory DIR] [--json]
  --channel NAME    only this channel ('teams', 'email-graph', 'webhook-ops', …); all that are set otherwise
  --directory DIR   folder of local.settings.json (the current one)
  --json            one line of JSON instead of a table
Sends one drill notice, marked as such, to each channel, and prints what each receiver answered. Settings come from the environment, and from
local.settings.json where the environment has none. Ends with 1 if any channel failed.`;

const TIMEOUT_MS = 30_000;

interface Tried {
  channel: string;
  outcome: SendResult['outcome'];
  detail: string;
  /** The receiver's own words; null: it answered nothing. */
  answer: string | null;
  milliseconds: number;
}

/**
 * `npm run notify:test`: tests each configured channel end to end. Needs no storage and no watched resources.
 */
async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) return console.log(USAGE);
  const { values } = await readLocalSettings(options.directory);
  const environment = { ...values, ...process.env };
  const settings = readSettings(onlyChannels(environment));
  const channels = createChannels(settings, {
    cloud: CLOUDS[settings.cloud],
    credential: appCredential({ clientId: settings.clientId, environment }),
    deployment: deploymentIn(settings, environment),
    docsUrl: docsBase(settings) ?? ownRepositoryDocs(),
  });
  const chosen = channels.filter(({ name }) => options.channel === undefined || name === options.channel);
  if (chosen.length === 0)
    throw new HostError(
      `There is no channel '${options.channel}'. Set are: ${channels.map(({ name }) => name).join(', ')}.`,
    );
  const tried = await Promise.all(chosen.map((channel) => tryOne(channel, settings.publicUrl)));
  if (options.json) console.log(JSON.stringify(tried));
  else print(tried);
  // A mail that is on its way has not failed.
  if (tried.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1;
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        channel: { type: 'string' },
        directory: { type: 'string', default: '.' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (cause) {
    throw new HostError(`${cause instanceof Error ? cause.message : cause}\n${USAGE}`, { cause });
  }
}

/** Settings used only for watching are neither required nor checked: examples replace the required ones. */
function onlyChannels(environment: Record<string, string | undefined>): Record<string, string | undefined> {
  const wanted: readonly SettingDescription[] = [
    ...Object.values(CHANNEL_SETTINGS),
    SETTINGS.cloud,
    SETTINGS.clientId,
    SETTINGS.graphEndpoint,
    SETTINGS.publicUrl,
    SETTINGS.docsUrl,
  ];
  const others = Object.values<SettingDescription>(SETTINGS).filter((one) => !wanted.includes(one));
  const required = others.filter((one) => one.required).map(({ name, example }) => [name, example] as const);
  const names = new Set(others.map(({ name }) => name));
  const kept = Object.entries(environment).filter(([name]) => !names.has(name));
  return Object.fromEntries([...kept, ...required]);
}

async function tryOne(channel: Channel, publicUrl: string | undefined): Promise<Tried> {
  const notice = drillNotice({ id: randomUUID(), now: new Date().toISOString(), publicUrl });
  const begin = performance.now();
  const result = await channel.send(notice, AbortSignal.timeout(TIMEOUT_MS));
  return {
    channel: channel.name,
    outcome: result.outcome,
    detail: result.detail,
    answer: result.answer ?? null,
    milliseconds: Math.round(performance.now() - begin),
  };
}

function print(tried: readonly Tried[]): void {
  const width = (texts: string[]) => Math.max(...texts.map((text) => text.length));
  const names = width(['channel', ...tried.map(({ channel }) => channel)]);
  const line = (...[channel, outcome, ms, detail]: [string, string, string, string]) =>
    console.log(`${channel.padEnd(names)}  ${outcome.padEnd(8)}  ${ms.padStart(6)}  ${detail}`);
  line('channel', 'outcome', 'ms', 'detail');
  for (const { channel, outcome, milliseconds, detail, answer } of tried) {
    line(channel, outcome, String(milliseconds), detail);
    line('', '', '', answer === null ? 'It answered nothing.' : `Its answer: ${answer}`);
  }
}

main().then(
  () => process.exit(),
  (error) => {
    console.error(error instanceof HostError || error instanceof SettingsError ? error.message : error);
    process.exit(1);
  },
);
