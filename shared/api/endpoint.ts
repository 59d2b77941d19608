import type * as z from 'zod';
import type { FactsReader } from '../facts/reader.ts';
import type { Person } from '../incidents/incident.ts';
import type { PipelineConfig } from '../pipeline/config.ts';
import type { Ports } from '../pipeline/ports.ts';
import type { ActorNames } from '../signals/actor-names.ts';
import type { HeartbeatStore } from '../storage/heartbeat.ts';
import type { IncidentStore } from '../storage/incident-store.ts';
import type { VisibilityStore } from '../storage/visibility-store.ts';
import type { Log } from '../telemetry/log.ts';
import type { NeededAccess } from './access/admit.ts';
import type { TakenBody } from './actions/bodies.ts';
import type { ProblemKind, Answer as SentAnswer } from './problem.ts';
import type { AnswerSharing } from './status/answer-sharing.ts';
import type { EventSources } from './status/coverage-answer.ts';

/** One address of the API with one method. The documents, the 404 and the table of access derive from it. */
interface DescribedEndpoint<Query, Answer> {
  /** In OpenAPI the `operationId`. */
  id: string;
  /** Without `/api`. `{id}` may hold slashes: an ARM id has them, and some front ends decode them. */
  path: string;
  /** In a few words. */
  title: string;
  access: NeededAccess;
  query: z.ZodType<Query>;
  answer: z.ZodType<Answer>;
  /** The kinds that only this endpoint has; `COMMON_PROBLEMS` come with every one. */
  problems: readonly ProblemKind[];
}

/** The answer of a GET is plain data: the API serializes it, and a page renders it. */
export interface ReadEndpoint<Query, Answer> extends DescribedEndpoint<Query, Answer> {
  method: 'GET';
  handle(request: ReadRequest<Query>, ports: ReadPorts): Promise<NoInfer<Unwritten<Answer>>>;
}

export interface ActionEndpoint<Query, Body, Answer> extends DescribedEndpoint<Query, Answer> {
  method: 'POST';
  body: z.ZodType<Body & { by?: string | undefined }>;
  /** The answer is a state that a GET answers too: it has its ETag, and `If-Match` is taken. */
  hasEtag: boolean;
  /** Where a body may be longer than that of an action, or is often sent in another shape. */
  takesBody?: TakenBody;
  handle(request: ActionRequest<Query, Body>, ports: Ports): Promise<NoInfer<Unwritten<Answer>>>;
}

export type Endpoint = ReadEndpoint<unknown, unknown> | ActionEndpoint<unknown, unknown, unknown>;

export interface ReadRequest<Query> {
  /** The `{id}` of the path, decoded; empty where the path has none. */
  id: string;
  query: Query;
}

export interface ActionRequest<Query, Body> extends ReadRequest<Query> {
  body: Body;
  /** The person who acts. */
  by: Person;
  ifMatch: string | null;
}

/** An answer as a handler may have it: nobody writes in it. */
type Unwritten<T> = T extends readonly (infer Item)[]
  ? readonly Unwritten<Item>[]
  : T extends object
    ? { readonly [Field in keyof T]: Unwritten<T[Field]> }
    : T;

/** One setting as people may see it. */
export interface ConfigurationRow {
  name: string;
  meaning: string;
  isSet: boolean;
  isSecret: boolean;
  /** Null: it is not set, or secret. */
  value: string | null;
  default: string | null;
}

/** What a GET may use. */
export interface ReadPorts {
  store: IncidentStore;
  heartbeat: Pick<HeartbeatStore, 'read'>;
  visibility?: Pick<VisibilityStore, 'read'>;
  config: Pick<PipelineConfig, 'sweepBounds' | 'deployment'> &
    Partial<Pick<PipelineConfig, 'networkReading' | 'readBudgetMs' | 'environmentListMs'>>;
  eventSources: EventSources;
  clock: { now(): string };
  log: Log;
  unreadableCount?(): Promise<number>;
  /** Reads Azure afresh, for the few answers that need more than what is stored. */
  facts?: FactsReader;
  /** The directory, where it is set up. */
  actorNames?: ActorNames | undefined;
  /** The configured channels. */
  channels?: readonly { name: string; warning?: string }[];
  /** The settings as people may see them. */
  configuration?(): Promise<readonly ConfigurationRow[]>;
  /** Outlives the invocation. Without it, each question is computed by itself. */
  shared?: AnswerSharing<SentAnswer>;
}

/** Names the types of one endpoint by its schemas. */
export function readEndpoint<Query, Answer>(endpoint: ReadEndpoint<Query, Answer>) {
  return endpoint;
}

export function actionEndpoint<Query, Body, Answer>(endpoint: ActionEndpoint<Query, Body, Answer>) {
  return endpoint;
}
