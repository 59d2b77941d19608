import * as z from 'zod';
import type { Endpoint } from './endpoint.ts';
import { PROBLEMS, type ProblemKind, problemType } from './problem.ts';
import { PROBLEM_HELP } from './problem-help.ts';

type Json = Record<string, unknown>;

const EVERY: readonly ProblemKind[] = [
  'bad-request',
  'not-signed-in',
  'not-allowed',
  'not-available',
  'not-started',
];
const EVERY_READ: readonly ProblemKind[] = [...EVERY, 'too-many-questions'];
const EVERY_ACTION: readonly ProblemKind[] = [...EVERY, 'too-long', 'not-json'];

/** All kinds of problem that an endpoint may answer, by their status. */
export function problemsOf({ method, problems }: Endpoint): ProblemKind[] {
  const all = new Set([...(method === 'GET' ? EVERY_READ : EVERY_ACTION), ...problems]);
  return [...all].sort((one, other) => PROBLEMS[one].status - PROBLEMS[other].status);
}

/**
 * The OpenAPI document of these endpoints, version 3.1. It leaves open that answers get more fields, so that a
 * client made from it goes on with a later version; `isClosed`: for tests, which must see each field described.
 */
export function openApiDocument(endpoints: readonly Endpoint[], { isClosed = false } = {}) {
  const answers = schemasOf(endpoints, ({ answer }) => answer, { io: 'output', isClosed });
  const queries = schemasOf(endpoints, ({ query }) => query, { io: 'input', isClosed });
  const bodies = schemasOf(endpoints, (one) => (one.method === 'POST' ? one.body : z.object({})), {
    io: 'input',
    isClosed: true,
  });
  const operation = (endpoint: Endpoint) =>
    operationOf(endpoint, {
      answer: answers.of(endpoint.id),
      query: queries.of(endpoint.id),
      body: bodies.of(endpoint.id),
    });
  const paths = Map.groupBy(endpoints, ({ path }) => path);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Lockwatch',
      version: '1',
      description: DESCRIPTION,
    },
    servers: [{ url: '/api' }],
    security: [{ functionKey: [] }, { entra: [] }],
    paths: Object.fromEntries(
      [...paths].map(([path, those]) => [
        path,
        Object.fromEntries(those.map((one) => [one.method.toLowerCase(), operation(one)])),
      ]),
    ),
    components: {
      schemas: { ...answers.shared, Problem: PROBLEM },
      responses: Object.fromEntries(
        Object.entries(PROBLEMS).map(([kind, { status, title }]) => [
          kind,
          {
            description: `${title} (${status})`,
            content: { 'application/problem+json': { schema: PROBLEM_REF } },
          },
        ]),
      ),
      securitySchemes: {
        functionKey: { type: 'apiKey', in: 'header', name: 'x-functions-key' },
        entra: { type: 'http', scheme: 'bearer', description: 'A token of Microsoft Entra for this app.' },
      },
    },
    /** What each kind of problem means, for the page of the documents. */
    'x-problems': Object.entries(PROBLEMS).map(([kind, { status, title }]) => ({
      kind,
      status,
      title,
      ...PROBLEM_HELP[kind as ProblemKind],
    })),
  };
}

const DESCRIPTION =
  'Whether Power Platform environments can use their keys in Azure Key Vault, what is wrong where they can not, and what people do about it. Answers may get more fields.';
const ALSO_BY_POST =
  'For operators alone. POST to the same address, with the header content-type: application/json, is answered as well: with LOCKWATCH_ACCESS=keys that is the only way, with a key of the function actions.';
const PROBLEM_REF = { $ref: '#/components/schemas/Problem' };
const PROBLEM = {
  description: 'Problem details, RFC 9457.',
  type: 'object',
  required: ['type', 'status', 'title', 'detail'],
  properties: {
    type: {
      type: 'string',
      examples: Object.keys(PROBLEMS).map((kind) => problemType(kind as ProblemKind)),
      description: 'The address of the paragraph in the documents. The kind of the problem follows the #.',
    },
    status: { type: 'integer' },
    title: { type: 'string' },
    detail: { type: 'string', description: 'What is wrong, and what to do.' },
    field: { type: 'string', description: 'The field, the parameter or the header at fault.' },
    settings: { type: 'array', items: { type: 'string' }, description: 'The settings at fault.' },
  },
};

function operationOf(endpoint: Endpoint, schemas: { answer: Json; query: Json; body: Json }) {
  const { id, title, method, path, access } = endpoint;
  const isTagged = method === 'GET' || endpoint.hasEtag;
  const problems = Map.groupBy(problemsOf(endpoint), (kind) => PROBLEMS[kind].status);
  const answers = [...problems].map(([status, kinds]) => [String(status), problemResponse(kinds)]);
  return {
    operationId: id,
    summary: title,
    ...(access === 'operatorRead' ? { description: ALSO_BY_POST } : {}),
    'x-access': access,
    parameters: parametersOf(path, schemas.query),
    ...(method === 'POST'
      ? { requestBody: { content: { 'application/json': { schema: schemas.body } } } }
      : {}),
    responses: {
      '200': {
        description: title,
        ...(isTagged ? { headers: { ETag: { schema: { type: 'string' } } } } : {}),
        content: { 'application/json': { schema: schemas.answer } },
      },
      ...(method === 'GET' ? { '304': { description: 'Unchanged since the ETag of `If-None-Match`.' } } : {}),
      ...Object.fromEntries(answers),
    },
  };
}

function problemResponse(kinds: readonly ProblemKind[]) {
  const [only, ...others] = kinds;
  if (only !== undefined && others.length === 0) return { $ref: `#/components/responses/${only}` };
  const description = kinds.map((kind) => PROBLEMS[kind].title).join('; ');
  return { description, content: { 'application/problem+json': { schema: PROBLEM_REF } } };
}

const NAMED_BY: Readonly<Record<string, string>> = {
  incidents: 'The id of the incident, in any case.',
  policies: "The policy's name where no other has it, its `key` of the status, or its ARM id.",
  vaults: "The vault's name or its ARM id.",
  environments: "The environment's id, or its name where no other has it.",
};

function parametersOf(path: string, query: Json) {
  const word = path.split('/')[1] ?? '';
  const required = (query.required ?? []) as string[];
  return [
    ...(path.includes('{id}')
      ? [{ name: 'id', in: 'path', required: true, description: NAMED_BY[word], schema: { type: 'string' } }]
      : []),
    ...Object.entries((query.properties ?? {}) as Record<string, Json>).map(
      ([name, { description, ...schema }]) => ({
        name,
        in: 'query',
        required: required.includes(name),
        ...(description === undefined ? {} : { description }),
        schema,
      }),
    ),
  ];
}

/** The JSON schemas of one thing of each endpoint, and those that several share, under their names. */
function schemasOf(
  endpoints: readonly Endpoint[],
  schemaOf: (endpoint: Endpoint) => z.ZodType,
  { io, isClosed }: { io: 'input' | 'output'; isClosed: boolean },
) {
  const whole = z.object(Object.fromEntries(endpoints.map((one) => [one.id, schemaOf(one)])));
  // The method of the schema: `z.toJSONSchema` would bring every kind of schema into what each process loads.
  const made = whole.toJSONSchema({
    io,
    override({ jsonSchema }) {
      // A hundred lines of regular expression, which say no more than the format does.
      if (jsonSchema.format === 'date-time' || jsonSchema.format === 'date') delete jsonSchema.pattern;
      if (!isClosed && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      // The bounds of every number of JavaScript.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      delete jsonSchema.id;
    },
  });
  const text = JSON.stringify(made).replaceAll('"#/$defs/', '"#/components/schemas/');
  const { properties = {}, $defs = {} } = JSON.parse(text) as { properties?: Json; $defs?: Json };
  return { shared: $defs, of: (id: string) => (properties[id] ?? {}) as Json };
}
