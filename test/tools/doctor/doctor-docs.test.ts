import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { BODIES, readActionBody } from '../../../shared/api/actions/bodies.ts';
import { NOTICE_REASONS } from '../../../shared/incidents/notice-reason.ts';
import { UNREADABLE_QUEUE } from '../../../shared/storage/storage-queues.ts';
import { REQUIRED_ACTIONS } from '../../../tools/doctor/required-actions.ts';
import { patient } from './doctor-harness.ts';

const read = (path: string) => readFile(join(import.meta.dirname, '../../..', path), 'utf8');
const quotedIn = (text: string, pattern: RegExp) =>
  [...(pattern.exec(text)?.[1] ?? '').matchAll(/^\s*'([^']+)'$/gm)].map(([, one]) => one);

test('the rights that the doctor asks for are those that the deployment grants, and docs/deploy.md explains each', async () => {
  const granted = quotedIn(await read('infra/roles.bicep'), /readingActions = \[\n([\s\S]*?)\n\]/);
  assert.deepEqual([...granted].sort(), Object.keys(REQUIRED_ACTIONS).sort());
  const deploy = await read('docs/deploy.md');
  for (const action of granted) assert.ok(deploy.includes(`\`${action}\``), action);
});

test('docs/deploy.md names every role that the deployment grants, and every question that it asks', async () => {
  const deploy = await read('docs/deploy.md');
  const roles = [...(await read('infra/roles.bicep')).matchAll(/^ {2}(\w+): '([0-9a-f-]{36})'$/gm)];
  assert.ok(roles.length >= 10);
  for (const [, name, id] of roles) assert.ok(deploy.includes(`\`${id}\``), `${name} ${id}`);
  const asked = [
    ...(await read('infra/main.bicepparam')).matchAll(/readEnvironmentVariable\(\s*'([A-Z_]+)'/g),
  ];
  for (const [, name] of asked) assert.ok(deploy.includes(`\`${name}\``), name);
});

test('docs/operations.md has a section for every alert, and a row for every reason to speak', async () => {
  const operations = await read('docs/operations.md');
  const alerts = [...(await read('infra/modules/alerts.bicep')).matchAll(/^ {4}name: '([a-z-]+)'$/gm)];
  assert.ok(alerts.length >= 8);
  for (const [, name] of alerts) assert.ok(operations.includes(`\n### ${name}\n`), name);
  for (const reason of NOTICE_REASONS) assert.ok(operations.includes(`\`${reason}\``), reason);
  assert.ok(operations.includes(`\`${UNREADABLE_QUEUE}\``));
});

test('the acts that docs/operations.md shows are taken by the API as they stand there', async () => {
  const operations = await read('docs/operations.md');
  const scenarios = [
    ...operations.matchAll(/^post (incidents|policies)\/\S+\/([a-z-]+)(?: +'(\{.*?\})')?/gm),
  ];
  assert.ok(scenarios.length >= 6);
  for (const [line, on, scenario, body = '{}'] of scenarios) {
    const name =
      on === 'policies' && scenario === 'silence'
        ? 'plannedSilence'
        : scenario === 'support-case'
          ? 'supportCase'
          : scenario;
    const [, schema] = Object.entries(BODIES).find(([one]) => one === name) ?? [];
    const sent = { contentType: 'application/json', transferEncoding: null, bytes: Buffer.from(body) };
    assert.doesNotThrow(() => readActionBody(schema ?? assert.fail(`no act ${name}`), sent), line);
  }
});

test('the links between the documents lead to something', async () => {
  for (const document of ['docs/deploy.md', 'docs/operations.md']) {
    const text = await read(document);
    for (const [, path = '', anchor] of text.matchAll(/\]\(((?:\.\.\/)?[\w./-]+\.md)?(#[\w-]+)?\)/g)) {
      const target = path === '' ? text : await read(join('docs', path));
      if (anchor === undefined) continue;
      const titles = [...target.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => `#${anchorOf(title)}`);
      assert.ok(titles.includes(anchor), `${document}: ${path}${anchor}`);
    }
  }
});

/** As GitHub makes it of a title. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

test('what the doctor settles are rows of docs/unverified.md, in its words', async () => {
  const plain = (text: string) => text.replaceAll(/[’']/g, "'");
  const rows = plain(await read('docs/unverified.md'));
  const { unverified } = await (await patient()).examine();
  assert.ok(unverified.length >= 12);
  for (const { point } of unverified) assert.ok(rows.includes(`| ${plain(point)}`), point);
});
