import type { ReceivedMail, TeamsPost } from '../receivers/received.ts';
import type { Stack } from '../stack/stack.ts';

/** The observations open to a story: only those visible from outside the app. */
export interface Observer {
  status(policy: string): Promise<PolicyStatus | undefined>;
  incident(id: string): Promise<IncidentStatus>;
  teams(): Promise<TeamsPost[]>;
  mails(): Promise<ReceivedMail[]>;
  scenario(name: string, target: Record<string, string>): Promise<ScenarioResult>;
}

export interface PolicyStatus {
  id: string;
  name: string;
  verdict: string;
  parts: Record<string, { state: string; reason?: string }>;
  incident: { id: string; state: string; triggers: { trigger: string; verdict: string }[] } | null;
}
export interface IncidentStatus {
  id: string;
  state: string;
  actor: Record<string, string> | null;
  causes: { trigger: string; verdict: string; remediation: { text: string; command?: string }[] }[];
  recoverBy: string;
  environments: { id: string; displayName: string; state: string }[];
  notices: { channel: string; reason: string; state: string; messageId: string | null }[];
  [field: string]: unknown;
}
export interface ScenarioResult {
  scenario: string;
  at: string;
  /** Absent where time caused the change: then nobody may be named. */
  actor?: string;
  events: { id: string; type: string; operation?: string; delivered: string; messageId?: string }[];
  silent?: string;
}

/** A surface gave a wrong answer, or none in time. */
export class NotSeenError extends Error {
  override readonly name = 'NotSeenError';
}

export function observer(stack: Pick<Stack, 'url' | 'simulator' | 'receivers'>): Observer {
  return {
    async status(policy) {
      const answer = (await getJson(`${stack.url}/api/status?policy=${encodeURIComponent(policy)}`)) as {
        policies: PolicyStatus[];
      };
      return answer.policies[0];
    },
    incident: async (id) => (await getJson(`${stack.url}/api/incidents/${id}`)) as IncidentStatus,
    teams: async () => (await getJson(`${stack.receivers.readUrl}/teams`)) as TeamsPost[],
    mails: async () => (await getJson(`${stack.receivers.readUrl}/mails`)) as ReceivedMail[],
    async scenario(name, target) {
      const response = await fetch(`${stack.simulator.control}/scenarios/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(target),
      });
      const text = await response.text();
      if (!response.ok) throw new NotSeenError(`The scenario ${name} answered ${response.status}: ${text}`);
      return JSON.parse(text) as ScenarioResult;
    },
  };
}

/**
 * Calls `look` repeatedly until it returns something. Throws `NotSeenError` with `what` when time is up.
 */
export async function until<T>(
  what: string,
  timeoutMs: number,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  let last = '';
  while (Date.now() < end) {
    try {
      const seen = await look();
      if (seen !== undefined) return seen;
    } catch (error) {
      last = ` The last answer: ${error instanceof Error ? error.message : error}`;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new NotSeenError(`Not seen within ${Math.round(timeoutMs / 1000)} s: ${what}.${last}`);
}

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(20_000) });
  if (!response.ok)
    throw new NotSeenError(
      `GET ${url} answered ${response.status}: ${(await response.text()).slice(0, 200)}`,
    );
  return response.json();
}
