import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { guarded } from '../../shared/api/access/guard.ts';
import { matchPage } from '../../shared/api/pages/match-page.ts';
import { PROBLEMS, type ProblemKind, problem, problemType, withDocs } from '../../shared/api/problem.ts';
import { answer } from '../../shared/api/serve-api.ts';
import { NOTICE_REASONS } from '../../shared/incidents/notice-reason.ts';
import { helpLink } from '../../shared/notices/say/page-links.ts';
import { say } from '../../shared/notices/say/say.ts';
import { docsBase } from '../../shared/settings/docs-base.ts';
import { notStartedAnswer } from '../../shared/settings/not-started.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import { repositoryDocs } from '../../tools/build/repository-docs.ts';
import { PARAGRAPHS, withParagraphs } from '../../tools/doctor/docs-paragraphs.ts';
import { rendered } from '../api/pages/page-html.ts';
import { SAY } from '../notices/a-notice.ts';
import { CASES } from '../notices/texts-cases.ts';
import { aWorld } from '../pipeline/a-world.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const BASE = 'https://docs.example.com/lockwatch';
const KINDS = Object.keys(PROBLEMS) as ProblemKind[];

/** Of headings, as GitHub makes them, and those that are written into the text. */
function anchorsIn(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return new Set([...headings, ...[...text.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id = '']) => id)]);
}

const ANCHORS = new Map(
  readdirSync(DOCS)
    .filter((file) => file.endsWith('.md'))
    .map((file) => [file, anchorsIn(readFileSync(join(DOCS, file), 'utf8'))]),
);

function assertParagraph(address: string): void {
  assert.ok(address.startsWith(`${BASE}/`), address);
  const [file = '', anchor = ''] = address.slice(BASE.length + 1).split('#');
  assert.ok(ANCHORS.get(file)?.has(anchor), `docs/${file} has no paragraph #${anchor}`);
}

test('each kind of problem leads to its paragraph in docs/', () => {
  for (const kind of KINDS) assertParagraph(problemType(kind, BASE));
});

test('each notice leads to its paragraph in docs/, whatever it is about', () => {
  for (const reason of NOTICE_REASONS)
    assertParagraph(helpLink(reason, { docsUrl: BASE, publicUrl: undefined }) ?? '');
  for (const notice of Object.values(CASES)) {
    const { helpUrl } = say(notice, { ...SAY, docsUrl: BASE });
    assertParagraph(helpUrl ?? '');
  }
});

test('each line of the doctor leads to its paragraph in docs/', () => {
  const checks = (Object.keys(PARAGRAPHS) as (keyof typeof PARAGRAPHS)[]).map((about) => ({
    about,
    id: 'x',
    state: 'missing' as const,
    says: 'x',
  }));
  for (const { docs } of withParagraphs(checks, BASE)) assertParagraph(docs ?? '');
  assert.ok(ANCHORS.has('unverified.md') && ANCHORS.has('settings.md'));
});

test('where the documents have no address, the app’s own page has a paragraph for each problem and notice', async () => {
  const { ports } = aWorld();
  const read = { ...ports, eventSources: { event: true, audit: false } };
  const { body } = await answer({ url: 'http://localhost/api/openapi.json', ifNoneMatch: null }, read);
  const page = await rendered('/docs', JSON.parse(body));
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const publicUrl = 'https://lockwatch.example.com';
  const addresses = [
    ...KINDS.map((kind) => new URL(problemType(kind), publicUrl).href),
    ...NOTICE_REASONS.map((reason) => helpLink(reason, { docsUrl: undefined, publicUrl }) ?? ''),
  ];
  for (const address of addresses) {
    const { pathname, hash } = new URL(address);
    assert.ok(matchPage(pathname), address);
    assert.ok(ids.has(hash.slice(1)), `the page has no paragraph ${hash}`);
  }
  assert.equal(ids.size, [...page.matchAll(/ id="/g)].length, 'no id is there twice');
});

test('a notice without any address has no link, rather than one that leads nowhere', () => {
  for (const notice of Object.values(CASES))
    assert.equal(say({ ...notice, publicUrl: undefined }, SAY).helpUrl, undefined);
});

test('a problem of the API leads to the documents that are set, and is otherwise unchanged', () => {
  for (const kind of KINDS) {
    const made = problem(kind, 'Why', { field: 'x' });
    const sent = withDocs(made, BASE);
    assert.deepEqual(JSON.parse(sent.body), {
      ...JSON.parse(made.body),
      type: `${BASE}/api.md#${kind}`,
    });
    assert.deepEqual(withDocs(made, undefined), made);
  }
  const fine = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"type":"/docs#x"}' };
  assert.equal(withDocs(fine, BASE), fine);
});

test('an app that can’t start leads to the documents that are set, though its other settings are wrong', () => {
  const refused = (environment: Record<string, string>) => {
    try {
      readSettings(environment);
    } catch (error) {
      return JSON.parse(notStartedAnswer(error, () => null).body).type;
    }
    return assert.fail();
  };
  assert.equal(refused({ LOCKWATCH_DOCS_URL: `${BASE}/` }), `${BASE}/api.md#not-started`);
  assert.equal(refused({ LOCKWATCH_DOCS_URL: 'no address' }), '/docs#not-started');
});

test('the documents are at the address that is set, else in the public repository of package.json', () => {
  assert.equal(docsBase({ docsUrl: `${BASE}//` }), BASE);
  assert.equal(docsBase({}), undefined);
  const docs = 'https://github.com/contoso/lockwatch/blob/HEAD/docs';
  for (const repository of [
    'github:contoso/lockwatch',
    'contoso/lockwatch',
    'https://github.com/contoso/lockwatch',
    { type: 'git', url: 'git+https://github.com/contoso/lockwatch.git' },
  ])
    assert.equal(repositoryDocs({ repository }), docs);
  for (const repository of [undefined, '', 'https://git.contoso.example/x/y', { url: 'ssh://git@x/y.git' }])
    assert.equal(repositoryDocs({ repository }), undefined);
});

test('what the API answers leads to the documents that are set: to those who may ask, and to those who may not', async () => {
  const { ports } = aWorld();
  const read = { ...ports, eventSources: { event: true, audit: false } };
  const ask = () => answer({ url: 'http://localhost/api/incidents/none', ifNoneMatch: null }, read);
  const typeOf = async (access: 'none' | 'entra') =>
    JSON.parse((await guarded(access, 'read', () => null, ask, { docsUrl: BASE })).body).type;
  assert.equal(await typeOf('none'), `${BASE}/api.md#not-found`);
  assert.equal(await typeOf('entra'), `${BASE}/api.md#not-signed-in`);
});
