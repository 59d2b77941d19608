import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../dev/demo/observe.ts';
import { textsOf } from '../../dev/demo/story.ts';
import { withStack } from './with-stack.ts';

const { stack, seen } = await withStack({ sweepSeconds: 30 });

interface Listed {
  id: string;
  name: string;
  verdict: string;
  vaultId: string | null;
  environments: { count: number | null };
  incident: { id: string } | null;
}
const policies = async () =>
  ((await (await fetch(`${stack.url}/api/status`)).json()) as { policies: Listed[] }).policies;

test('two policies on one vault, the vault deleted: two incidents, and one message per channel', async () => {
  const shared = await until('two clear policies with environments on one vault', 60_000, async () => {
    const clear = (await policies()).filter(
      ({ verdict, vaultId, environments }) => verdict === 'clear' && vaultId && environments.count,
    );
    return [...Map.groupBy(clear, ({ vaultId }) => vaultId?.toLowerCase()).values()].find(
      (group) => group.length >= 2,
    );
  });
  await seen.scenario('vault-deleted', { vault: shared[0]?.vaultId?.split('/').at(-1) ?? '' });
  const names = new Set(shared.map(({ name }) => name));
  const incidents = await until('an incident for each of them', 60_000, async () => {
    const open = (await policies()).filter(({ name, incident }) => names.has(name) && incident);
    return open.length === names.size ? open : undefined;
  });
  const whole = await until('every notice delivered', 60_000, async () => {
    const all = await Promise.all(incidents.map(({ incident }) => seen.incident(incident?.id ?? '')));
    return all.every(({ notices }) => notices.length > 0 && notices.every(({ state }) => state === 'sent'))
      ? all
      : undefined;
  });
  for (const channel of ['teams', 'email']) {
    const ids = whole.flatMap(({ notices }) =>
      notices.filter((notice) => notice.channel === channel).map(({ messageId }) => messageId),
    );
    assert.equal(ids.length, names.size);
    assert.equal(new Set(ids).size, 1, `${channel}: ${ids}`);
  }
  const cards = (await seen.teams()).filter(({ body }) =>
    /offline: vault deleted/.test(JSON.stringify(body)),
  );
  assert.equal(cards.length, 1);
  const text = textsOf(cards[0]?.body).join('\n').replaceAll('\\', '');
  for (const name of names) assert(text.includes(name), `${name} is not named in the card`);
  const mails = (await seen.mails()).filter(({ subject }) => /offline: vault deleted/.test(subject));
  assert.equal(mails.length, 1);
  for (const { environments } of whole)
    for (const { displayName } of environments)
      assert(mails[0]?.text.includes(displayName), `${displayName} is not named in the mail`);
});
