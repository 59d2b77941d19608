import { exampleUsage } from './example.ts';
import { type Meter, PRICES, PRICES_OF, type Price } from './prices.ts';
import { number, type Quantity, quantitiesOf, type Usage } from './quantities.ts';

/**
 * What each quantity costs a month, in US dollars. The monthly grant of a meter counts once, whichever lines use it up.
 */
export function costsOf(quantities: readonly Quantity[]): number[] {
  const grants = new Map<Meter, number>();
  return quantities.map(({ meter, quantity }) => {
    const { usd, per, free = 0 }: Price = PRICES[meter];
    const granted = Math.min(quantity, grants.get(meter) ?? free);
    grants.set(meter, (grants.get(meter) ?? free) - granted);
    return ((quantity - granted) / per) * usd;
  });
}

/** The worked example of docs/costs.md: each meter with its quantity, its price and the product; then the sums. */
export function costsTable(usage: Usage = exampleUsage()): string {
  const quantities = quantitiesOf(usage);
  const costs = costsOf(quantities);
  const rows = quantities.map(({ what, quantity, formula, meter }, index) => {
    const { free }: Price = PRICES[meter];
    const price = `${priceText(PRICES[meter])}${free ? `, ${number(free)} free` : ''}`;
    return `| ${what} | ${number(quantity)} | ${formula} | ${price} | ${costs[index]?.toFixed(2)} |`;
  });
  const sum = (counts: (one: Quantity) => boolean) =>
    quantities.reduce((total, one, index) => total + (counts(one) ? (costs[index] ?? 0) : 0), 0).toFixed(2);
  return [
    `| what | quantity a month | formula | price, USD (${PRICES_OF.region}, ${PRICES_OF.date}) | USD a month |`,
    '|---|---|---|---|---|',
    ...rows,
    `| **sum without \`auditLog\`** | | | | **${sum(({ isAudit }) => !isAudit)}** |`,
    `| **sum with \`auditLog\`** | | | | **${sum(() => true)}** |`,
  ].join('\n');
}

/** What the timer costs a month by the number of policies in one subscription and the lower bound of the interval. */
export function intervalTable(): string {
  const rows = (
    [
      [20, 5],
      [20, 30],
      [100, 5],
      [100, 30],
      [500, 5],
      [500, 30],
    ] as const
  ).map(([policies, tickSeconds]) => {
    const usage = exampleUsage({ policies, tickSeconds });
    const quantities = quantitiesOf(usage);
    const costs = costsOf(quantities);
    const ofTimer = quantities.flatMap((one, n) =>
      /the timer/.test(one.what) ? [{ ...one, cost: costs[n] ?? 0 }] : [],
    );
    const count = (of: RegExp) =>
      ofTimer.filter(({ what }) => of.test(what)).reduce((sum, one) => sum + one.quantity, 0);
    const whole = costs.reduce((sum, cost, n) => sum + (quantities[n]?.isAudit ? 0 : cost), 0);
    const cost = ofTimer.reduce((sum, one) => sum + one.cost, 0);
    return `| ${policies} | ${tickSeconds} s | ${usage.sweepSeconds} s | ${number(count(/executions of/))} | ${number(count(/execution time/))} | ${cost.toFixed(2)} | ${whole.toFixed(2)} |`;
  });
  return [
    '| policies | `LOCKWATCH_SWEEP_SECONDS` | interval in force | executions of the timer | their GB-s | USD a month | sum without `auditLog` |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function priceText({ usd, unit }: Price): string {
  return `${usd.toLocaleString('en-US', { maximumFractionDigits: 6 })} per ${unit}`;
}

/** Where each price of the example comes from. */
export function pricesTable(): string {
  const rows = (Object.keys(PRICES) as Meter[]).map((meter) => {
    const price: Price = PRICES[meter];
    return `| \`${meter}\` | ${priceText(price)} | <${price.page}> |`;
  });
  return ['| input | example, USD | page |', '|---|---|---|', ...rows].join('\n');
}
