import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import * as z from 'zod';
import type { Clock } from '../clock.ts';
import type { ActorNames, FoundActor } from '../signals/actor-names.ts';
import type { Log } from '../telemetry/log.ts';
import { optionalText, parseAs } from './answer-schema.ts';
import { azureGet } from './azure-get.ts';
import { deadlineIn } from './deadline.ts';
import type { Outcome } from './outcome.ts';
import { getJson } from './pages.ts';

export interface GraphNamesOptions {
  endpoint: string;
  scope: string;
  credential: TokenCredential;
  clock: Clock;
  log: Log;
  httpClient?: HttpClient;
}

/** The limit of one look-up. No reading waits for all of it: a late name is available to the next reading. */
const LOOK_UP_MS = 5000;
/**
 * Lockwatch meets far fewer people and applications than this; the oldest names are dropped and requested
 * again.
 */
const MAX_NAMES = 1000;
/**
 * The wait before the same id is requested again: Graph's answers rarely change, but a failure may soon end.
 */
const AFTER_NO_MS = 60 * 60_000;
const AFTER_NO_ANSWER_MS = 60_000;
const LOG_EVERY_MS = 60 * 60_000;
const CONCURRENCY = 4;

/**
 * Names from Microsoft Graph. An id may be a person's or an application's, and the source does not always say
 * which, so both are requested, each with its least permission: "Get a user" (User.Read.All) and "Get
 * servicePrincipal" (Application.Read.All).
 */
export function graphNames(options: GraphNamesOptions): ActorNames {
  const { clock, log } = options;
  const get = azureGet({ ...options, concurrency: CONCURRENCY });
  const found = new Map<string, FoundActor>();
  const notBefore = new Map<string, number>();
  const asking = new Map<string, Promise<void>>();
  let loggedAtMs = Number.NEGATIVE_INFINITY;

  async function lookUp(objectId: string): Promise<void> {
    const deadline = deadlineIn(LOOK_UP_MS, clock);
    const from = async (path: string) => getJson(get, `/v1.0/${path}`, deadline);
    const [user, application] = await Promise.all([
      from(`users/${objectId}?$select=displayName,userPrincipalName`),
      from(`servicePrincipals/${objectId}?$select=displayName`),
    ]);
    const actor = nameIn(user, 'user') ?? nameIn(application, 'application');
    if (actor) return keep(found, objectId, actor);
    const outcomes = [user, application];
    const isFinal = outcomes.every(({ kind }) => kind !== 'failed');
    const waitMs = isFinal ? AFTER_NO_MS : AFTER_NO_ANSWER_MS;
    keep(notBefore, objectId, clock.nowMs() + waitMs);
    // Without its permissions Graph would not answer for the next id either.
    if (outcomes.every(isForbidden)) keep(notBefore, EVERYBODY, clock.nowMs() + AFTER_NO_MS);
    logNotNamed(outcomes);
  }

  /** An id that is in no directory of ours (a service of Microsoft's own) is not worth a log line. */
  function logNotNamed(outcomes: Outcome<unknown>[]): void {
    if (outcomes.every((outcome) => outcome.kind === 'refused' && outcome.status === 404)) return;
    if (clock.nowMs() - loggedAtMs < LOG_EVERY_MS) return;
    loggedAtMs = clock.nowMs();
    log.warn('actor-not-named', {
      answers: outcomes.map(outcomeText),
      needs: 'User.Read.All and Application.Read.All, as application permissions of Microsoft Graph',
    });
  }

  const mayAsk = (id: string) => !(clock.nowMs() < (notBefore.get(id) ?? 0));
  return {
    known: (objectId) => found.get(objectId.toLowerCase()),
    async ask(objectIds) {
      const ids = [...new Set(objectIds.map((id) => id.toLowerCase()))];
      const wanted = ids.filter((id) => !found.has(id) && mayAsk(id) && mayAsk(EVERYBODY));
      await Promise.all(
        wanted.map((id) => {
          const answer = asking.get(id) ?? lookUp(id).finally(() => asking.delete(id));
          asking.set(id, answer);
          return answer;
        }),
      );
    },
  };
}

const EVERYBODY = '';

function keep<T>(memory: Map<string, T>, id: string, value: T): void {
  const oldest = memory.size >= MAX_NAMES ? memory.keys().next().value : undefined;
  if (oldest !== undefined) memory.delete(oldest);
  memory.set(id, value);
}

/** Azure's own records name people in the same way: by their sign-in name where they have one. */
function nameIn(outcome: Outcome<unknown>, kind: FoundActor['kind']): FoundActor | undefined {
  if (outcome.kind !== 'answered') return undefined;
  const parsed = parseAs(directorySchema, outcome.value);
  if ('fault' in parsed) return undefined;
  const name = parsed.value.userPrincipalName ?? parsed.value.displayName;
  return name === undefined ? undefined : { name: name.slice(0, MAX_NAME_LENGTH), kind };
}

/** Entra allows at most 256 characters in a name. */
const MAX_NAME_LENGTH = 256;

const directorySchema = z.object({ displayName: optionalText, userPrincipalName: optionalText });

function isForbidden(outcome: Outcome<unknown>): boolean {
  return outcome.kind === 'refused' && (outcome.status === 401 || outcome.status === 403);
}

/** Without the path, which holds the id of a person. */
function outcomeText(outcome: Outcome<unknown>): string {
  if (outcome.kind === 'refused') return `${outcome.status} ${outcome.code}`.trim();
  return outcome.kind === 'failed' ? outcome.because : 'answered without a name';
}
