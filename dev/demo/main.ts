import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TRIGGER_IDS, type TriggerId } from '../../shared/triggers/finding.ts';
import { ensureBuilt } from '../stack/ensure-built.ts';
import { onShutdown } from '../stack/on-shutdown.ts';
import { type Stack, startStack } from '../stack/stack.ts';
import { observer } from './observe.ts';
import { playStory, type Story } from './story.ts';

const SWEEP_SECONDS = 5;
/** As in Azure, the audit log arrives later than a sweep: it says who did what is known already. */
const AUDIT_DELAY_MS = SWEEP_SECONDS * 1000 + 3000;
const USAGE = `npm run demo -- <trigger> [--json] [--verbose]

Plays one trigger from healthy through revoked and access restored to enabled again and closed, against a fresh Lockwatch on free ports.
Triggers: ${TRIGGER_IDS.join(', ')}, or all.
  --json       one JSON object instead of the story; npm -s keeps npm's own lines out: npm run -s demo -- <trigger> --json
  --verbose    what each process says, on stderr`;

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  const [wanted] = positionals;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const triggers = wanted === 'all' ? [...TRIGGER_IDS] : TRIGGER_IDS.filter((id) => id === wanted);
  if (triggers.length === 0 || positionals.length !== 1) {
    const fault = triggers.length > 0 ? 'Name one trigger, or: all.' : `'${wanted}' is not a trigger.`;
    console.error(wanted === undefined ? USAGE : `${fault}\n\n${USAGE}`);
    return 1;
  }
  const say = (line: string) => {
    if (!values.json) console.log(line);
  };
  let stack: Stack | undefined;
  onShutdown(async () => {
    // Until all of it has started, the parts already started end with this process.
    await stack?.stop();
    process.exit(130);
  });
  await ensureBuilt({ quiet: values.json === true });
  const directory = await mkdtemp(join(tmpdir(), 'lockwatch-demo-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  say('Starting storage, the Azure simulator, the receivers and the app …');
  const simulator = {
    demoPolicies: true,
    latencyMs: 30,
    propagationDelayMs: 0,
    lockDelayMs: 1000,
    auditDelayMs: AUDIT_DELAY_MS,
  };
  stack = await startStack({
    directory,
    sweepSeconds: SWEEP_SECONDS,
    auditLog: true,
    simulator,
    onLine: (from, line) => {
      if (values.verbose) console.error(`[${from}] ${line}`);
    },
  });
  try {
    say(
      `Intervals: sweep ${SWEEP_SECONDS} s, Azure answers in ${simulator.latencyMs} ms, changes take effect after ${simulator.propagationDelayMs} ms, environments lock after ${simulator.lockDelayMs} ms, audit records arrive after ${simulator.auditDelayMs} ms.\n`,
    );
    const seen = observer(stack);
    const timeoutMs = Math.max(30_000, SWEEP_SECONDS * 1500);
    const stories = await Promise.all(triggers.map((trigger) => playOne(trigger, seen, timeoutMs, say)));
    if (values.json)
      console.log(JSON.stringify(stories.length === 1 ? stories[0] : { trigger: 'all', stories }));
    else summary(stories);
    return stories.every(({ ok }) => ok) ? 0 : 1;
  } finally {
    await stack.stop();
  }
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean' }, help: { type: 'boolean' }, verbose: { type: 'boolean' } },
    });
  } catch (cause) {
    throw new Error(`${cause instanceof Error ? cause.message : cause}\n\n${USAGE}`, { cause });
  }
}

/** Plays one story and prints it as a whole at its end, so that parallel stories don't mix. */
async function playOne(
  trigger: TriggerId,
  seen: ReturnType<typeof observer>,
  timeoutMs: number,
  say: (line: string) => void,
): Promise<Story> {
  const lines: string[] = [];
  const story = await playStory(trigger, seen, { timeoutMs, say: (line) => lines.push(line) });
  say(`── ${trigger} ──\n${lines.join('\n')}`);
  for (const notice of story.notices)
    say(`\n  ┌ ${notice.channel}, ${notice.reason}\n${notice.text.replace(/^/gm, '  │ ')}\n  └`);
  say('');
  return story;
}

function summary(stories: readonly Story[]): void {
  for (const { trigger, ok, failed, steps } of stories)
    console.log(`${ok ? 'seen  ' : 'FAILED'} ${trigger.padEnd(24)} ${ok ? `${steps.length} steps` : failed}`);
  console.log(`${stories.filter(({ ok }) => ok).length} of ${stories.length} stories seen whole.`);
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
