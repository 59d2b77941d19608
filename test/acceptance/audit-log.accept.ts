import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../dev/demo/observe.ts';
import { withStack } from './with-stack.ts';

// As Azure runs them: each function that is not HTTP in a process of its own.
const { stack, seen, lines } = await withStack({
  sweepSeconds: 5,
  auditLog: true,
  simulator: { auditDelayMs: 8000 },
  processes: [['status'], ['timer'], ['storageQueue', 'poison'], ['auditLog']],
});

test('the sweep’s process finds the disabled key, and the audit log’s process tells who disabled it', async () => {
  const policy = 'ep-finance';
  await until(`${policy} healthy`, 60_000, async () =>
    (await seen.status(policy))?.verdict === 'clear' ? true : undefined,
  );
  await seen.scenario('key-disabled', { policy, actor: 'pipeline' });
  const id = await until('an incident', 60_000, async () => (await seen.status(policy))?.incident?.id);
  assert.equal((await seen.incident(id)).actor, null, 'the sweep can’t tell');
  const told = await until('both channels told the name', 60_000, async () => {
    const incident = await seen.incident(id);
    const learnt = incident.notices.filter(({ reason }) => reason === 'actorLearnt');
    return learnt.length === 2 && learnt.every(({ state }) => state === 'sent') ? incident : undefined;
  });
  assert.equal(told.actor?.kind, 'application');
  assert.equal(told.actor?.ipAddress, '192.0.2.8');
  const mail = (await seen.mails()).find(({ subject }) => /now known who/i.test(subject));
  assert.match(mail?.text ?? '', new RegExp(`application object id ${told.actor?.objectId}`));
  assert.match(mail?.text ?? '', /Who did it, in the Azure portal: https:\/\/portal\.azure\.com\/#view\//);
  assert.ok(lines.some((line) => /\bauditLog\b.*notice-sent/.test(line)));
});

test('junk among the audit log’s messages is kept, and nothing fails of it', async () => {
  const hub = /ready: (http:\S+) \(auditLog\)/.exec(lines.join('\n'))?.[1];
  assert.ok(hub, 'the process of the audit log says where it listens');
  const before = await unreadableCount();
  const answer = await fetch(`${hub}/local/event-hubs/auditLog`, {
    method: 'POST',
    body: JSON.stringify([{ body: 'nonsense' }, { body: { records: [7] } }]),
  });
  assert.equal(answer.status, 202);
  await until('both kept', 30_000, async () => ((await unreadableCount()) === before + 2 ? true : undefined));
});

async function unreadableCount(): Promise<number> {
  const answer = (await (await fetch(`${stack.url}/api/status`)).json()) as { unreadableMessages?: number };
  return answer.unreadableMessages ?? 0;
}
