import type { Mail, TeamsPost } from '../receivers/received.ts';
import type { Stack } from '../stack/stack.ts';

/** What the story may look at: only what anybody outside the app could see. */
export interface Observer {
  status(policy: string): Promise<PolicyStatus | undefined>;
  incident(id: string): Promise<IncidentStatus>;
  teams(): Promise<TeamsPost[]>;
  mails(): Promise<Mail[]>;
  act(name: string, target: Record<string, string>): Promise<ActResult>;
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
  causes: { trigger: string; verdict: string; undo: { text: string; command?: string }[] }[];
  recoverBy: string;
  environments: { id: string; displayName: string; state: string }[];
  notices: { channel: string; reason: string; state: string; messageId: string | null }[];
  [field: string]: unknown;
}
export interface ActResult {
  act: string;
  at: string;
  /** Absent where time did it: then nobody is to be named. */
  actor?: string;
  events: { id: string; type: string; operation?: string; delivered: string; messageId?: string }[];
  silent?: string;
}

/** A surface answered what it should not, or not in time. */
export class NotSeen extends Error {
  override readonly name = 'NotSeen';
}

export function observer(stack: Pick<Stack, 'url' | 'tenant' | 'sinks'>): Observer {
  return {
    async status(policy) {
      const answer = (await getJson(`${stack.url}/api/status?policy=${encodeURIComponent(policy)}`)) as {
        policies: PolicyStatus[];
      };
      return answer.policies[0];
    },
    incident: async (id) => (await getJson(`${stack.url}/api/incidents/${id}`)) as IncidentStatus,
    teams: async () => (await getJson(`${stack.sinks.readUrl}/teams`)) as TeamsPost[],
    mails: async () => (await getJson(`${stack.sinks.readUrl}/mails`)) as Mail[],
    async act(name, target) {
      const response = await fetch(`${stack.tenant.control}/acts/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(target),
      });
      const text = await response.text();
      if (!response.ok) throw new NotSeen(`The act ${name} answered ${response.status}: ${text}`);
      return JSON.parse(text) as ActResult;
    },
  };
}

/** Asks again and again until `look` returns something. Throws `NotSeen` with `what` when the time is over. */
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
  throw new NotSeen(`Not seen within ${Math.round(timeoutMs / 1000)} s: ${what}.${last}`);
}

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(20_000) });
  if (!response.ok)
    throw new NotSeen(`GET ${url} answered ${response.status}: ${(await response.text()).slice(0, 200)}`);
  return response.json();
}
