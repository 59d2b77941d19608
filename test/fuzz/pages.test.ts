import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PAGES } from '../../shared/api/pages/register.ts';
import { servePage } from '../../shared/api/pages/serve-page.ts';
import { sessionStore } from '../../shared/storage/sessions.ts';
import { principalHeader } from '../api/access/principal-header.ts';
import { LINKS } from '../api/pages/page-html.ts';
import { isPlainPrototypes } from './hold.ts';
import { garbled, oddText, PLANTED } from './mutate.ts';
import { runs } from './runs.ts';
import { storedRows, worldOver } from './stored-world.ts';

/** Characters that a page may have, even that of a large tenant. */
const MAX_PAGE = 300_000;

const { id, endedId, ...rows } = await storedRows();
const SIGNED_IN = principalHeader({ name: 'ann', roles: ['Lockwatch.Operator'] });

/** No page has an image, so this is from outside wherever it is found. */
const TAG = '<img src=x>';
const encoded = oddText.map((text) => encodeURIComponent(text.toWellFormed()));
const ids = fc.oneof(
  fc.constantFrom(id, endedId, 'p1', 'kv-eu', 'no-such', TAG, encodeURIComponent(TAG)),
  encoded,
  oddText,
);
const fields = fc.dictionary(
  fc.constantFrom('action', 'why', 'until', 'from', 'policy', 'number', 'environment', 'page', 'constructor'),
  fc.oneof(
    fc.constantFrom('acknowledge', 'silence', 'close', 'check', 'sign-out', '4h', 'p1', TAG, ''),
    oddText,
  ),
);
const visits = (path: string) =>
  fc.record({
    path: ids.chain((one) => {
      const placed = path.replace('{id}', () => one);
      return fc.oneof(
        { weight: 5, arbitrary: fc.constant(placed) },
        { weight: 1, arbitrary: garbled(fc.constant(placed)) },
      );
    }),
    query: fields,
    method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT'),
    form: fields,
    origin: fc.constantFrom('https://localhost', 'https://elsewhere.example', 'null', undefined),
  });

const wellFormed = (all: Record<string, string>) =>
  Object.entries(all).map(([name, value]): [string, string] => [name, value.toWellFormed()]);

describe('whatever is asked of a page', () => {
  for (const { path } of PAGES)
    it(`${path} is answered with a page, below 500, without a key of the request`, async () => {
      const { skip, ...parameters } = runs(`page ${path}`);
      if (skip) return;
      await fc.assert(
        fc.asyncProperty(visits(path), async ({ path: asked, query, method, form, origin }) => {
          const world = await worldOver(rows);
          const search = new URLSearchParams([...wellFormed(query), ['code', PLANTED]]);
          const url = URL.parse(`https://localhost${asked.replace(/[?#]/g, '')}?${search}`);
          if (url?.origin !== 'https://localhost') return;
          const headers = new Headers({
            host: 'localhost',
            'x-ms-client-principal': SIGNED_IN,
            'content-type': 'application/x-www-form-urlencoded',
            'x-functions-key': PLANTED,
            cookie: `__Host-lockwatch=${PLANTED}`,
            ...(origin === undefined ? {} : { origin }),
          });
          const answer = await world.clock.drive(
            servePage(
              {
                method,
                url: url.href,
                header: (name) => headers.get(name),
                body: async () => Buffer.from(`${new URLSearchParams(wellFormed(form))}`),
              },
              {
                ...world.ports,
                access: 'entra',
                isInAzure: true,
                sessions: async () => sessionStore(async () => world.tables.readModel),
                read: { ...world.ports, eventSources: { event: true, audit: true } },
                answers: { share: (_, compute) => compute() },
                links: LINKS,
              },
            ),
          );
          const { status, body } = answer;
          assert.ok(status >= 200 && status < 500, `${status} ${url.href} ${body.slice(0, 300)}`);
          if (status !== 303) assert.match(answer.headers['content-type'] ?? '', /^text\/html/);
          assert.ok(body.length <= MAX_PAGE, `${body.length} characters`);
          assert.ok(!body.includes('<img'), 'a tag of the request is in the page');
          for (const value of Object.values(answer.headers)) assert.match(value, /^[\x20-\x7e]*$/);
          assert.ok(!(body + JSON.stringify(answer.headers)).includes(PLANTED), 'a key came back');
          isPlainPrototypes();
        }),
        parameters,
      );
    });
});
