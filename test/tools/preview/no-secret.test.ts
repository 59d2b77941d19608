import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PlanFileError } from '../../../shared/preview/plan-files/plan-file-error.ts';
import { reducePlanFile } from '../../../shared/preview/plan-files/read-plan-file.ts';
import { previewPlan } from '../../../shared/preview/preview-plan.ts';
import { previewCommand } from '../../../tools/preview/preview-command.ts';
import { toMarkdown } from '../../../tools/preview/to-markdown.ts';
import { toSarif } from '../../../tools/preview/to-sarif.ts';
import { toTable } from '../../../tools/preview/to-table.ts';
import { look, post, written } from '../../api/actions/post.ts';
import { aWorld } from '../../pipeline/a-world.ts';
import { recordingLog } from '../../pipeline/recording-log.ts';
import { EVERY_DELTA, EVERYTHING } from '../../preview/every-change.ts';
import { aChain } from '../../preview/plan-examples.ts';
import { planted, SECRET } from '../../preview/plant-secrets.ts';
import { NOW } from '../../triggers/a-reading.ts';

/** Each file with the secret in another of its values. */
const files = [EVERYTHING, EVERY_DELTA].flatMap((file) => [...planted(file, (secret) => secret)]);
const MARK = 'S3cr3t';
const clean = (text: string, where: string) => assert.ok(!text.includes(MARK), `${where}: ${text}`);

/** What the command would send; none where the file is refused, in words that are clean as well. */
function reducedOf(file: unknown, where: string) {
  try {
    return reducePlanFile(JSON.stringify(file));
  } catch (error) {
    if (!(error instanceof PlanFileError)) throw error;
    clean(error.message, where);
    return undefined;
  }
}

describe('a secret in any value of a plan', () => {
  assert.ok(SECRET.includes(MARK));
  const forms = new Set<string>();

  test('is in no form of the answer: table, JSON, Markdown, SARIF', () => {
    for (const [where, file] of files) {
      const plan = reducedOf(file, where);
      if (plan === undefined || forms.has(JSON.stringify(plan))) continue;
      forms.add(JSON.stringify(plan));
      const options = { now: NOW, networkReading: 'trustedService' } as const;
      const { readAt, ...found } = previewPlan([aChain()], plan, options);
      const answer = { answeredAt: NOW, asOf: readAt, ...found };
      for (const text of [
        JSON.stringify(answer),
        toTable(answer),
        toMarkdown(answer),
        toSarif(answer, 'plan.json'),
      ])
        clean(text, where);
    }
    assert.ok(files.length > 700 && forms.size > 50, `${files.length} files, ${forms.size} forms`);
  });

  test('is neither stored, logged nor answered by the app, whether the file was cut down or not', async () => {
    const world = aWorld(['p1']);
    const log = recordingLog();
    world.ports = { ...world.ports, log };
    await look(world, 'p1');
    const stored = written(world);
    const raw = files.filter((_, n) => n % 25 === 0).map(([, file]) => JSON.stringify(file));
    for (const body of [...forms, ...raw]) {
      const { status, body: answer } = await post(world, '/preview', body);
      assert.equal(status, forms.has(body) ? 200 : 400);
      clean(answer, body);
    }
    assert.deepEqual(written(world), stored);
    clean(JSON.stringify(log.lines), 'log');
  });
});

describe('the command', () => {
  let directory = '';
  const sent: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    sent.push(JSON.stringify(request.headers) + body);
    response.writeHead(500).end('{}');
  });
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lockwatch-secret-'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(directory, { recursive: true, force: true });
  });

  test('sends no secret, and prints none of a file that ends too early or of an app that fails', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const path = join(directory, 'plan.json');
    for (const [where, file] of files.filter((_, n) => n % 20 === 0)) {
      const text = JSON.stringify(file);
      for (const content of [text, text.slice(0, text.indexOf(MARK) + 20)]) {
        await writeFile(path, content);
        const { out, err, code } = await previewCommand([path, '--url', url], { LOCKWATCH_PREVIEW_KEY: 'k' });
        assert.ok(code === 3 || code === 4, String(code));
        clean(out + err, where);
      }
    }
    assert.ok(sent.length > 20);
    clean(sent.join(), 'sent');
  });
});
