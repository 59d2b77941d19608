import * as z from 'zod';
import {
  failure,
  type Handler,
  type IncomingRequest,
  type SimulatorAnswer,
  serve,
} from '../azure-simulator/http/serve.ts';
import type { ScenarioAnswer } from '../azure-simulator/state.ts';
import { CLOCK_MOVES, clockMove } from './clock-moves.ts';
import { CONSOLE_CONTENT_POLICY, consolePage } from './console-page.ts';
import { type ConsoleParts, readConsole } from './read-console.ts';

export interface ConsoleServer {
  url: string;
  stop(): Promise<void>;
}

export interface ServeConsoleOptions extends ConsoleParts {
  /** 0: any free port. */
  port: number;
  sweepSeconds: number;
  /** Moves the time of all parts ahead. Absent: the clock of this run can't be moved. */
  moveAhead?: (ms: number) => Promise<void>;
}

const scenarioForm = z.strictObject({
  scenario: z.string().regex(/^[a-z0-9-]{1,80}$/),
  policy: z.string().max(200).optional(),
  environment: z.string().max(200).optional(),
  as: z.string().max(200).optional(),
});

/** Serves the console on 127.0.0.1, for a browser on this machine. */
export async function serveConsole(options: ServeConsoleOptions): Promise<ConsoleServer> {
  const { port, close } = await serve(consoleHandler(options), { port: options.port });
  return { url: `http://127.0.0.1:${port}`, stop: close };
}

function consoleHandler(options: ServeConsoleOptions): Handler {
  return async (request) => {
    const { url, headers, method } = request;
    // A name of another site may lead to this address, and another site's page may send a form to it.
    if (!['127.0.0.1', 'localhost'].includes(url.hostname) || (headers.origin ?? url.origin) !== url.origin)
      return failure(403, 'ForeignOrigin', 'Requests from other pages are refused.');
    switch (`${method} ${url.pathname}`) {
      case 'GET /':
        return page(options);
      case 'POST /scenario':
        return answerForm(request, await runScenario(options, request.body));
      case 'POST /clock':
        return answerForm(request, await moveClock(options, request.body));
      default:
        return failure(404, 'NotFound', 'There is GET /, POST /scenario and POST /clock.');
    }
  };
}

async function page(options: ServeConsoleOptions): Promise<SimulatorAnswer> {
  const { appUrl, sweepSeconds, moveAhead } = options;
  const body = consolePage(await readConsole(options), {
    appUrl,
    sweepSeconds,
    moves: moveAhead === undefined ? undefined : CLOCK_MOVES,
  });
  return { status: 200, body, headers: { 'content-security-policy': CONSOLE_CONTENT_POLICY } };
}

/** What a form did. `waits`: notices may follow. */
interface Done {
  status: number;
  said: string;
  waits: boolean;
}

/** The script gets the words; a browser without it comes back to the page, whose lists show what happened. */
function answerForm({ headers }: IncomingRequest, { status, said, waits }: Done): SimulatorAnswer {
  const isScript = headers.accept?.includes('application/json') === true;
  return isScript || status !== 200
    ? { status, body: { said, waits } }
    : { status: 303, headers: { location: '/' } };
}

async function runScenario({ simulatorUrl }: ConsoleParts, body: string): Promise<Done> {
  const asked = scenarioForm.safeParse(formOf(body));
  if (!asked.success) return refused('The form is not one of this page.');
  const { scenario, ...target } = asked.data;
  const response = await fetch(`${simulatorUrl}/scenarios/${scenario}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(target),
  }).catch(() => undefined); // the person who clicked reads that it does not answer
  if (response === undefined)
    return { ...refused('It was not done. The Azure simulator does not answer.'), status: 502 };
  const answer: unknown = await response.json();
  if (!response.ok) {
    const { error } = z.object({ error: z.object({ message: z.string() }) }).parse(answer);
    return { ...refused(`It was not done. ${error.message}`), status: response.status };
  }
  // The simulator's own answer is what its type says.
  return { status: 200, said: inWords(answer as ScenarioAnswer), waits: !scenario.startsWith('undo-') };
}

function inWords({ scenario, policy, environment, events, silent, note }: ScenarioAnswer): string {
  const heard = events.filter(({ delivered }) => delivered !== 'filtered');
  const shown = heard.map((event) => event.operation ?? event.type).join(', ');
  return [
    `Done: ${scenario} on ${environment ?? policy ?? 'the tenant'}.`,
    shown === ''
      ? `Azure shows Lockwatch no event, so it sees the change at its next reading.${silent === undefined ? '' : ` (${silent}.)`}`
      : `Azure shows Lockwatch an event: ${shown}.`,
    note,
  ]
    .filter((one) => one !== undefined)
    .join(' ');
}

async function moveClock({ moveAhead }: ServeConsoleOptions, body: string): Promise<Done> {
  const move = clockMove(formOf(body).ahead);
  if (moveAhead === undefined || move === undefined) return refused('The time was not moved.');
  await moveAhead(move.ms);
  return {
    status: 200,
    said: `It is ${move.text} later now, for Azure and for Lockwatch. What falls due in that time arrives within a minute. Nothing was read in that time, so Lockwatch reports a visibility gap and its end as well.`,
    waits: false,
  };
}

function refused(said: string): Done {
  return { status: 400, said, waits: false };
}

/** The fields that were filled in. */
function formOf(body: string): Record<string, string> {
  return Object.fromEntries([...new URLSearchParams(body)].filter(([, value]) => value !== ''));
}
