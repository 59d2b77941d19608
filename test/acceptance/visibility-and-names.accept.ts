import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../dev/demo/observe.ts';
import { withStack } from './with-stack.ts';

const { stack, seen } = await withStack({
  sweepSeconds: 5,
  settings: { LOCKWATCH_ACTOR_NAMES: 'graph' },
  simulator: { graphPermissions: ['User.Read.All', 'Application.Read.All'] },
});

async function currentGaps(): Promise<string[]> {
  const answer = await fetch(`${stack.url}/api/health`);
  const { currentGaps } = (await answer.json()) as { currentGaps: { what: string }[] };
  return currentGaps.map(({ what }) => what);
}
const mailAbout = (subject: RegExp) =>
  until(`a mail about ${subject}`, 60_000, async () =>
    (await seen.mails()).find((mail) => subject.test(mail.subject)),
  );

test('a deleted event subscription is reported with the name of who did it, and stands until it is back', async () => {
  await until('ep-finance healthy', 60_000, async () =>
    (await seen.status('ep-finance'))?.verdict === 'clear' ? true : undefined,
  );
  await seen.scenario('event-subscription-deleted', { actor: 'pipeline' });
  const visibilityLost = await mailAbout(/can't see everything/);
  assert.match(
    visibilityLost.text,
    /contoso-infra-pipeline did Microsoft\.EventGrid\/systemTopics\/eventSubscriptions/,
  );
  assert.match((await currentGaps()).join(), /eventsubscriptions\/lockwatch/);
  await seen.scenario('undo-event-subscription-deleted', {});
  await until('nothing hidden', 120_000, async () => ((await currentGaps()).length === 0 ? true : undefined));
  await mailAbout(/sees again/);
});

test('an application that deletes a vault is in the first notice by its name', async () => {
  await seen.scenario('vault-deleted', { policy: 'ep-finance', actor: 'pipeline' });
  const mail = await until('a mail of an incident', 60_000, async () =>
    (await seen.mails()).find(
      ({ text }) => text.includes('Finance') && text.includes('contoso-infra-pipeline'),
    ),
  );
  assert.match(
    mail.text,
    /(Reported by the event|Recorded in the vault.s audit log): application contoso-infra-pipeline, object id/,
  );
});
