import * as z from 'zod';
import type { StateForPeople } from '../azure-simulator/http/state-for-people.ts';
import type { ListedScenario } from '../azure-simulator/scenarios/register.ts';
import type { ScenarioAnswer } from '../azure-simulator/state.ts';
import type { NewestReceived } from '../receivers/received.ts';

/** The addresses of the parts that the console shows. */
export interface ConsoleParts {
  /** The control port of the Azure simulator. */
  simulatorUrl: string;
  receiversUrl: string;
  /** Lockwatch itself. */
  appUrl: string;
}

/** Everything that the console shows, at one moment. `undefined`: that part does not answer just now. */
export interface ConsoleView {
  azure?: { state: StateForPeople; happened: ScenarioAnswer[]; scenarios: ListedScenario[] };
  received?: NewestReceived;
  lockwatch?: LockwatchView;
}

/** The console is drawn without the answers that take longer than this. */
const PATIENCE_MS = 1500;

const lockwatchView = z.object({
  incidents: z.array(
    z.object({
      id: z.string(),
      policyId: z.string(),
      state: z.enum(['suspected', 'revoked', 'accessRestored', 'closed', 'dismissed']),
      noEnvironments: z.boolean(),
      openedAt: z.string(),
      acknowledged: z.object({ by: z.object({ name: z.string() }) }).nullable(),
      triggers: z.array(z.object({ trigger: z.string() })),
    }),
  ),
});
export type LockwatchView = z.output<typeof lockwatchView>;

/** Asks all parts at once. A part that does not answer leaves its place empty, and the page says so. */
export async function readConsole({
  simulatorUrl,
  receiversUrl,
  appUrl,
}: ConsoleParts): Promise<ConsoleView> {
  const [state, happened, scenarios, received, incidents] = await Promise.all([
    // The simulator and the receivers are this repository's own: their answers are what their types say.
    read(`${simulatorUrl}/state`) as Promise<StateForPeople | undefined>,
    read(`${simulatorUrl}/events`) as Promise<ScenarioAnswer[] | undefined>,
    read(`${simulatorUrl}/scenarios`) as Promise<ListedScenario[] | undefined>,
    read(`${receiversUrl}/newest`) as Promise<NewestReceived | undefined>,
    read(`${appUrl}/api/incidents?state=open`),
  ]);
  return {
    azure: state && happened && scenarios ? { state, happened, scenarios } : undefined,
    received,
    lockwatch: lockwatchView.safeParse(incidents).data,
  };
}

async function read(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined; // the page says which part does not answer
  }
}
