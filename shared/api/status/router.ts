import type { PipelineConfig } from '../../pipeline/config.ts';
import type { HeartbeatStore } from '../../storage/heartbeat.ts';
import type { IncidentStore } from '../../storage/incident-store.ts';
import { QueueError } from '../../storage/queue-errors.ts';
import type { VisibilityStore } from '../../storage/visibility-store.ts';
import { errorFields, type Log } from '../../telemetry/log.ts';
import type { Heartbeat } from '../../visibility/heartbeat.ts';
import { jsonAnswer, unlessKnown } from '../json-answer.ts';
import { type Answer, problem } from '../problem.ts';
import { type AnswerSharing, TooManyQuestionsError } from './answer-sharing.ts';
import { readChannelStates } from './channel-states.ts';
import { coverageAnswer, type EventSources, readCoverageFilter } from './coverage-answer.ts';
import { FilterError } from './filter.ts';
import { healthAnswer } from './health-answer.ts';
import { findIncident, noSuchIncident, wholeIncident } from './incident-by-id.ts';
import { incidentsAnswer, pageOf, readIncidentsFilter } from './incidents-answer.ts';
import { readFilter, statusAnswer } from './status-answer.ts';

export interface StatusPorts {
  store: IncidentStore;
  heartbeat: Pick<HeartbeatStore, 'read'>;
  visibility?: Pick<VisibilityStore, 'read'>;
  config: Pick<PipelineConfig, 'sweepIntervalMs'>;
  eventSources: EventSources;
  clock: { now(): string };
  log: Log;
  unreadableCount?(): Promise<number>;
  /** The configured channels. */
  channels?: readonly { name: string }[];
  /** Outlives the invocation. Without it, each question is computed by itself. */
  shared?: AnswerSharing<Answer>;
}

export interface Question {
  url: string;
  ifNoneMatch: string | null;
}

/**
 * Answers one GET. Never throws: every error becomes a problem document without internal details. Who asks the
 * same at the same time shares one computation.
 * @example await answer({ url: 'http://localhost/api/status', ifNoneMatch: null }, ports)
 */
export async function answer({ url: asked, ifNoneMatch }: Question, ports: StatusPorts): Promise<Answer> {
  const url = new URL(asked);
  const compute = () => computeAnswer(url, ports);
  if (!ports.shared) return unlessKnown(await compute(), ifNoneMatch);
  try {
    return unlessKnown(await ports.shared.share(sameQuestion(url), compute), ifNoneMatch);
  } catch (error) {
    if (!(error instanceof TooManyQuestionsError)) throw error;
    ports.log.warn('too-many-questions', errorFields(error));
    const busy = problem(503, 'Not available', 'Too many others ask just now. Try again in a moment.');
    return { ...busy, headers: { ...busy.headers, 'retry-after': '5' } };
  }
}

/** Two addresses with the same text get the same answer. The platform's function key is no part of it. */
function sameQuestion({ origin, pathname, searchParams }: URL): string {
  const parameters = [...searchParams].filter(([name]) => name.toLowerCase() !== 'code');
  return JSON.stringify([origin, pathname, ...parameters]);
}

async function computeAnswer(url: URL, ports: StatusPorts): Promise<Answer> {
  const path = url.pathname.replace(/^\/api\b/i, '').replace(/\/+$/, '');
  try {
    if (path.toLowerCase() === '/status') {
      const filter = readFilter(url.searchParams);
      const [policyStates, unreadable] = await Promise.all([
        ports.store.listPolicyStates(),
        countUnreadable(ports),
      ]);
      return jsonAnswer(
        statusAnswer(
          policyStates.map(({ policyState }) => policyState),
          filter,
          {
            now: ports.clock.now(),
            unreadable: unreadable.unreadable,
            sweepIntervalMs: ports.config.sweepIntervalMs,
          },
        ),
      );
    }
    if (path.toLowerCase() === '/health') {
      const [heartbeat, policyStates, unreadable, seen, channels] = await Promise.all([
        readHeartbeat(ports),
        ports.store.listPolicyStates(),
        countUnreadable(ports),
        ports.visibility?.read(ports.clock.now()),
        readChannelStates(ports),
      ]);
      const known = {
        heartbeat,
        policyStates: policyStates.map(({ policyState }) => policyState),
        ...unreadable,
        visibility: seen?.visibility,
        channels,
        unreadableRows: ports.store.unreadableRows(),
      };
      return jsonAnswer(
        healthAnswer(known, { now: ports.clock.now(), sweepIntervalMs: ports.config.sweepIntervalMs }),
      );
    }
    if (path.toLowerCase() === '/coverage') {
      const filter = readCoverageFilter(url.searchParams);
      const [heartbeat = {}, policyStates, seen] = await Promise.all([
        readHeartbeat(ports),
        ports.store.listPolicyStates(),
        ports.visibility?.read(ports.clock.now()),
      ]);
      const known = {
        heartbeat,
        policyStates: policyStates.map(({ policyState }) => policyState),
        eventSources: ports.eventSources,
        visibility: seen?.visibility,
      };
      const context = { now: ports.clock.now(), sweepIntervalMs: ports.config.sweepIntervalMs };
      return jsonAnswer(coverageAnswer(known, filter, context));
    }
    if (path.toLowerCase() === '/incidents') return await incidentList(url.searchParams, ports);
    const incidentId = /^\/incidents\/([^/]+)$/i.exec(path)?.[1];
    if (incidentId !== undefined) return await incidentById(decodeURIComponent(incidentId), ports);
    if (ACTION_PATHS.test(path)) return onlyByPost(url);
    return problem(
      404,
      'Not found',
      `There is nothing at ${url.pathname.slice(0, 200)}. Try /api/status, /api/coverage, /api/health, /api/incidents or /api/incidents/{id}.`,
    );
  } catch (error) {
    if (error instanceof FilterError)
      return problem(400, 'Bad request', error.message, { field: error.field });
    if (error instanceof URIError)
      return problem(400, 'Bad request', 'The address holds a % that is no encoded character.');
    ports.log.error('status-failed', errorFields(error));
    return problem(
      503,
      'Not available',
      'What Lockwatch remembers can not be read just now. Try again in a moment.',
    );
  }
}

/** Notices contain these addresses, and mail programs turn them into links. */
const ACTION_PATHS =
  /^\/(?:incidents\/[^/]+\/(?:acknowledge|silence|support-case|close)|policies\/.+\/(?:check|silence)|vaults\/.+\/silence|drill)$/i;

function onlyByPost({ origin, pathname }: URL): Answer {
  const answer = problem(
    405,
    'Send it as a POST',
    `Opening this address does nothing, on purpose: what acts is sent as a POST, with the key or the token that you use otherwise. For example: curl -X POST '${origin}${pathname.slice(0, 500).replaceAll("'", '%27')}' -H 'content-type: application/json'. A silence, a support case and a closing need a JSON body; docs/api.md in Lockwatch's repository shows each.`,
  );
  return { ...answer, headers: { ...answer.headers, allow: 'POST' } };
}

async function incidentById(id: string, ports: StatusPorts): Promise<Answer> {
  const incident = await findIncident(id, ports.store);
  if (!incident) return noSuchIncident(id, ports.store);
  return jsonAnswer(await wholeIncident(incident, ports.store, ports.clock.now()));
}

/** The list itself reads only a few columns; only the incidents of the page are read completely. */
async function incidentList(parameters: URLSearchParams, ports: StatusPorts): Promise<Answer> {
  const filter = readIncidentsFilter(parameters);
  const page = pageOf(await ports.store.listIncidents(), filter);
  const read = await Promise.all(page.ids.map((id) => ports.store.readIncident(id)));
  const incidents = read.filter((incident) => incident !== undefined);
  const unreadable = ports.store.unreadableRows().all.filter(({ rowKey }) => rowKey.startsWith('incident|'));
  return jsonAnswer(incidentsAnswer({ ...page, incidents, unreadable }, filter, ports.clock.now()));
}

/** The count is optional: if the queue can't be reached, the answer is sent without it, with the reason. */
async function countUnreadable(ports: StatusPorts): Promise<{ unreadable?: number; queueFault?: string }> {
  try {
    const unreadable = await ports.unreadableCount?.();
    return unreadable === undefined ? {} : { unreadable };
  } catch (error) {
    ports.log.warn('unreadable-not-counted', errorFields(error));
    return { queueFault: error instanceof QueueError ? error.message : 'The queues could not be asked.' };
  }
}

/** Undefined where it can't be read: its table holds nothing that an answer about policies needs. */
async function readHeartbeat(ports: StatusPorts): Promise<Heartbeat | undefined> {
  try {
    return await ports.heartbeat.read();
  } catch (error) {
    ports.log.warn('heartbeat-unreadable', errorFields(error));
    return undefined;
  }
}
