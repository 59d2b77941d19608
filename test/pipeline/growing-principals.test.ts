import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { mainIds } from '../dev/azure-simulator/harness.ts';
import { type Around, type Cold, coldTenant, startAround } from './cold-harness.ts';

// The app as it is composed from its settings, over real storage, the Azure simulator and real receivers.

const DAY_MS = 86_400_000;
const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';

/** The simulator's Resource Manager, where the subscription of ep-finance may have one owner more. */
async function withOneMore({ simulator }: Cold, around: Around) {
  const { subscription } = mainIds(simulator);
  const more = { isThere: false };
  const id = '99999999-0000-4000-8000-000000000000';
  const grant = {
    id: `${subscription}/providers/Microsoft.Authorization/roleAssignments/${id}`,
    name: id,
    type: 'Microsoft.Authorization/roleAssignments',
    properties: {
      scope: subscription,
      roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${OWNER}`,
      principalId: id,
      principalType: 'User',
    },
  };
  const arm = await around.listen(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', simulator.arm);
    const answer = await fetch(`${simulator.arm}${request.url}`, {
      headers: { authorization: request.headers.authorization ?? '' },
    });
    // A continuation stays at the address that was asked.
    const body = JSON.parse((await answer.text()).replaceAll(simulator.arm, arm) || '{}');
    const isList = /\/roleAssignments$/i.test(pathname) && pathname.startsWith(subscription);
    const isOfAll = !/assignedTo/.test(searchParams.get('$filter') ?? '');
    if (more.isThere && isList && isOfAll && body.nextLink === undefined) body.value?.push(grant);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  return { arm, more };
}

const later = (ms: number): Clock => ({
  ...systemClock,
  nowMs: () => systemClock.nowMs() + ms,
  now: () => new Date(systemClock.nowMs() + ms).toISOString(),
});

test('one more principal who can lock a policy is reported once, by the app as it is composed', async () => {
  const around = await startAround();
  const cold = await coldTenant(around);
  const { arm, more } = await withOneMore(cold, around);
  const { policy } = mainIds(cold.simulator);
  /** A new process, which sweeps until that policy has been counted in it. */
  const sweptAfter = async (days: number, before = '') => {
    const process = cold.process({ LOCKWATCH_ARM_ENDPOINT: arm }, later(days * DAY_MS * 1.05));
    for (let n = 0; n < 5; n += 1) {
      await process.timer();
      const all = await process.app.store.listPolicyStates();
      const state = all.find(
        ({ policyState }) => policyState.policyId.toLowerCase() === policy.toLowerCase(),
      );
      if ((state?.policyState.history.principals?.at ?? '') > before)
        return state?.policyState ?? assert.fail('no policy');
    }
    return assert.fail('the principals are never counted');
  };
  const mailed = async () => {
    const mails = (await (await fetch(`${around.receivers.readUrl}/mails`)).json()) as { text: string }[];
    return mails.filter(({ text }) =>
      /principals can take the environments of the policy ep-finance/.test(text),
    );
  };
  const first = await sweptAfter(0);
  const { able = 0, inTwoSteps = 0 } = first.history.principals ?? {};
  assert.ok(able > 3);
  assert.equal((await mailed()).length, 0);

  more.isThere = true;
  const second = await sweptAfter(1, first.history.principals?.at);
  const found = second.advisories?.findings.find(({ advisory }) => advisory === 'more-principals-can-lock');
  assert.equal(found?.verdict, 'present', JSON.stringify(second.history.principals));
  assert.equal((await mailed()).length, 1);
  assert.match(
    (await mailed())[0]?.text ?? '',
    new RegExp(`${able + inTwoSteps + 1} principals .* it was ${able + inTwoSteps}\\.`),
  );

  await sweptAfter(2, second.history.principals?.at);
  assert.equal((await mailed()).length, 1, 'no second mail about it');
});
