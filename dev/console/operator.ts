import * as z from 'zod';
import type { SimulatorAnswer } from '../azure-simulator/http/serve.ts';

/** A person's request to Lockwatch itself from the console page. */
export const operatorRequest = z.strictObject({
  action: z.enum(['acknowledge', 'silence', 'close', 'check', 'silence-policy', 'drill']),
  /** The incident's id, or the policy's key. */
  id: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,80}$/)
    .optional(),
});
export type OperatorRequest = z.output<typeof operatorRequest>;

const WHY = 'asked for on the console page';
const TIMEOUT_MS = 20_000;
/** The page is drawn without answers that take longer than this. */
const PATIENCE_MS = 1500;

const listed = z.object({
  incidents: z.array(
    z.object({
      id: z.string(),
      policyId: z.string(),
      state: z.string(),
      acknowledged: z.object({ by: z.object({ name: z.string() }) }).nullable(),
      recoverBy: z.string().nullish(),
      triggers: z.array(z.object({ trigger: z.string() })),
    }),
  ),
});
export type OpenIncident = z.output<typeof listed>['incidents'][number];

/**
 * Does one action at Lockwatch's own API, as an operator's curl would: a page of another origin is not
 * admitted. Returns the command, so that it can be copied, and Lockwatch's answer. Never throws.
 */
export async function operate(
  statusUrl: string | undefined,
  asked: OperatorRequest,
): Promise<SimulatorAnswer> {
  const path = pathOf(asked);
  if (statusUrl === undefined || path === undefined)
    return { status: 400, body: { error: { message: 'No Lockwatch is known here, or the id is missing.' } } };
  const url = new URL(path, statusUrl).href;
  const body = bodyOf(asked);
  const command = `curl -X POST ${url} -H 'content-type: application/json'${body ? ` -d '${JSON.stringify(body)}'` : ''}`;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer: unknown = await response.json();
    return {
      status: 200,
      body: { command, status: response.status, said: inShort(response.status, answer) },
    };
  } catch {
    // Shown to the person who clicked, on their own machine.
    return { status: 200, body: { command, status: 0, said: 'Lockwatch does not answer.' } };
  }
}

/** The open incidents as Lockwatch lists them; undefined where it does not answer soon. */
export async function openIncidents(statusUrl: string | undefined): Promise<OpenIncident[] | undefined> {
  if (statusUrl === undefined) return undefined;
  try {
    const url = new URL('/api/incidents?state=open', statusUrl);
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return listed.parse(await response.json()).incidents;
  } catch {
    return undefined; // the page says so
  }
}

function pathOf({ action, id }: OperatorRequest): string | undefined {
  if (action === 'drill') return '/api/drill';
  if (id === undefined) return undefined;
  if (action === 'check') return `/api/policies/${id}/check`;
  return action === 'silence-policy' ? `/api/policies/${id}/silence` : `/api/incidents/${id}/${action}`;
}

function bodyOf({ action }: OperatorRequest): object | undefined {
  if (action === 'check' || action === 'drill') return undefined;
  return action === 'silence' || action === 'silence-policy' ? { until: '1h', why: WHY } : { why: WHY };
}

function inShort(status: number, answer: unknown): string {
  const { detail, state, verdict, ok } = z
    .object({ detail: z.string(), state: z.string(), verdict: z.string(), ok: z.boolean() })
    .partial()
    .catch({})
    .parse(answer);
  if (status !== 200) return `${status}: ${detail ?? 'refused'}`;
  if (state) return `done; the incident is ${state}`;
  if (verdict) return `read: ${verdict}`;
  return ok === false ? 'done, but a channel failed' : 'done';
}
