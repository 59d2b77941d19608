import * as z from 'zod';
import { type Endpoint, readEndpoint } from '../endpoint.ts';
import { openApiDocument } from '../openapi.ts';
import { NO_QUERY } from '../read-query.ts';

const JSON_OBJECT = z.record(z.string(), z.unknown());

/** Describes the endpoints of the register, itself included. The document is made once in a process. */
export function openApiEndpoint(endpoints: () => readonly Endpoint[]) {
  let made: ReturnType<typeof openApiDocument> | undefined;
  return readEndpoint({
    id: 'openapi',
    method: 'GET',
    path: '/openapi.json',
    title: 'This API as an OpenAPI document',
    access: 'read',
    query: NO_QUERY,
    answer: z
      .looseObject({
        openapi: z.string(),
        info: JSON_OBJECT,
        paths: JSON_OBJECT,
        components: JSON_OBJECT,
        'x-problems': z
          .array(
            z.object({
              kind: z.string(),
              status: z.int(),
              title: z.string(),
              when: z.string(),
              help: z.string(),
            }),
          )
          .describe('The kinds of problem: when each comes, and what to do.'),
      })
      .meta({ id: 'OpenApiDocument' }),
    problems: [],
    async handle() {
      made ??= openApiDocument(endpoints());
      return made;
    },
  });
}
