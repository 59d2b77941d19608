import { Ajv2020 } from 'ajv/dist/2020.js';
import { matchEndpoint } from '../../shared/api/match-endpoint.ts';
import { openApiDocument, problemsOf } from '../../shared/api/openapi.ts';
import type { ProblemKind } from '../../shared/api/problem.ts';
import { ENDPOINTS } from '../../shared/api/register.ts';

/** An answer as a client has it. */
export interface SeenAnswer {
  method: string;
  pathname: string;
  status: number;
  contentType: string | null;
  body: string;
}

const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
ajv.addFormat(
  'date-time',
  (text: string) => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) && !Number.isNaN(Date.parse(text)),
);
ajv.addFormat('date', (text: string) => /^\d{4}-\d\d-\d\d$/.test(text));
ajv.addVocabulary(['components']);
// A field that no schema describes is a fault here; the published document leaves them open.
const document = openApiDocument(ENDPOINTS, { isClosed: true });
ajv.addSchema({ $id: 'lockwatch', components: document.components } as object);

/** A part of the document as a check. Throws where it is no JSON schema. */
export function checkOf(schema: object) {
  const text = JSON.stringify(schema).replaceAll('"#/components/', '"lockwatch#/components/');
  return ajv.compile(JSON.parse(text));
}

const answerChecks = new Map(
  ENDPOINTS.map(({ id, method, path }) => [
    id,
    checkOf(
      document.paths[path]?.[method.toLowerCase()]?.responses['200'].content['application/json'].schema ?? {},
    ),
  ]),
);
const problemCheck = checkOf({ $ref: '#/components/schemas/Problem' });

/** What the OpenAPI document does not say of an answer; empty where the answer is as described. */
export function undescribed({ method, pathname, status, contentType, body }: SeenAnswer): string[] {
  const match = matchOf(method, pathname);
  const endpoint = match && 'endpoint' in match ? match.endpoint : undefined;
  const where = `${method} ${pathname} ${status}`;
  if (status === 304) return body === '' ? [] : [`${where}: a 304 has no body`];
  if (status === 200) {
    const check = endpoint && answerChecks.get(endpoint.id);
    if (!check) return [`${where}: no endpoint is described here`];
    return check(JSON.parse(body)) ? [] : [`${where}: ${ajv.errorsText(check.errors)}`];
  }
  if (contentType !== 'application/problem+json')
    return [`${where}: no problem document, but ${contentType}`];
  const problem: unknown = JSON.parse(body);
  if (!problemCheck(problem)) return [`${where}: ${ajv.errorsText(problemCheck.errors)}`];
  const kind = (problem as { type: string }).type.split('#')[1] as ProblemKind;
  return endpoint === undefined || problemsOf(endpoint).includes(kind)
    ? []
    : [`${where}: the endpoint does not list the problem ${kind}`];
}

function matchOf(method: string, pathname: string) {
  try {
    const match = matchEndpoint(method, pathname);
    if ('endpoint' in match || method !== 'POST') return match;
    // What is for operators alone is answered to a POST as to a GET.
    const read = matchEndpoint('GET', pathname);
    return 'endpoint' in read && read.endpoint.access === 'operatorRead' ? read : match;
  } catch {
    // An address with a bad encoding has no endpoint.
    return undefined;
  }
}
