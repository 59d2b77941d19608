import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { exampleUsage } from '../../tools/costs/example.ts';
import { PRICES, PRICES_OF } from '../../tools/costs/prices.ts';
import { billedSeconds, quantitiesOf } from '../../tools/costs/quantities.ts';
import { costsOf, costsTable } from '../../tools/costs/table.ts';
import { deployment, textAt } from '../infra/deployment.ts';

const MONTH = 2_592_000;
const ROOT = join(import.meta.dirname, '../..');
const quantity = (meter: string, usage = exampleUsage()) =>
  quantitiesOf(usage)
    .filter((one) => one.meter === meter && !one.isAudit)
    .reduce((sum, one) => sum + one.quantity, 0);

describe('what an execution is billed', () => {
  it('is at least one second, then whole steps of 100 ms', () => {
    for (const [seconds, billed] of [
      [0, 1],
      [0.1, 1],
      [1, 1],
      [1.1, 1.1],
      [1.11, 1.2],
      [2, 2],
    ] as const)
      assert.equal(billedSeconds(seconds), billed, `${seconds} s`);
  });
});

describe('the worked example', () => {
  it('bills the heartbeat message, which returns every 15 s and takes a tenth of one, for a second each', () => {
    assert.equal(quantity('readyExecutions'), MONTH / 15);
    assert.equal(quantity('readyTime'), (MONTH / 15) * 1 * 2);
  });

  it('has both meters of an always-ready instance: being there, and executing', () => {
    assert.equal(quantity('baseline'), MONTH * 2);
    assert.ok(quantity('readyTime') > 0);
    const none = { ...exampleUsage(), alwaysReady: [] };
    assert.equal(quantity('baseline', none) + quantity('readyTime', none), 0);
    assert.equal(quantity('demandExecutions', none), MONTH / 15 + MONTH / 5);
  });

  it('has the timer’s executions: a sweep at each interval, and between two of them the ticks, a second each', () => {
    assert.equal(quantity('demandExecutions'), MONTH / 5);
    assert.equal(quantity('demandExecutions', exampleUsage({ tickSeconds: 60 })), MONTH / 60);
    // 205 reads take 5.7 s of the 30 s: four ticks are left.
    const hundred = exampleUsage({ policies: 100 });
    assert.equal(hundred.sweepSeconds, 30);
    assert.equal(quantity('demandExecutions', hundred), (MONTH / 30) * (1 + 4));
    assert.equal(Math.round(quantity('demandTime', hundred)), Math.round((MONTH / 30) * 2 * (5.7 + 4)));
  });

  it('has every alert rule of the deployment, at the price of its frequency', () => {
    const rules = deployment('function-keys').of('Microsoft.Insights/scheduledQueryRules');
    const every = (time: string) =>
      rules.filter(({ properties }) => textAt(properties, 'evaluationFrequency') === time).length;
    assert.equal(quantity('alertEvery1'), every('PT1M'));
    assert.equal(quantity('alertEvery5'), every('PT5M'));
    assert.equal(quantity('alertEvery15'), every('PT15M'));
    assert.equal(
      quantitiesOf(exampleUsage())
        .filter(({ meter }) => /^alert/.test(meter))
        .reduce((sum, one) => sum + one.quantity, 0),
      rules.length,
    );
  });

  it('has Event Hubs only beside the sum without it', () => {
    const [without = 0, withAudit = 0] = [...costsTable().matchAll(/\*\*([\d.]+)\*\*/g)].map(([, sum]) =>
      Number(sum),
    );
    const all = quantitiesOf(exampleUsage());
    const costs = costsOf(all);
    const audit = all.reduce((sum, { isAudit }, n) => sum + (isAudit ? (costs[n] ?? 0) : 0), 0);
    assert.ok(without > 0);
    assert.ok(Math.abs(withAudit - without - audit) < 0.02);
  });

  it('subtracts the monthly grant of a meter once, however many lines use it', () => {
    const none = quantitiesOf({ ...exampleUsage(), alwaysReady: [] }).filter(
      ({ meter }) => meter === 'demandExecutions',
    );
    assert.equal(none.length, 3);
    const { usd, per, free } = PRICES.demandExecutions;
    const total = none.reduce((sum, one) => sum + one.quantity, 0);
    const cost = costsOf(none).reduce((sum, one) => sum + one, 0);
    assert.ok(Math.abs(cost - ((total - free) / per) * usd) < 1e-9);
  });

  it('names the region and the date of its prices, and asks the reader to replace them', async () => {
    const text = await readFile(join(ROOT, 'docs/costs.md'), 'utf8');
    assert.ok(text.includes(`(${PRICES_OF.region}, ${PRICES_OF.date})`));
    assert.match(text, /The prices are inputs.*Replace them/s);
    for (const { page } of Object.values(PRICES)) assert.ok(text.includes(page), page);
    assert.match(await readFile(join(ROOT, 'docs/deploy.md'), 'utf8'), /\[costs\.md\]\(costs\.md\)/);
  });
});
