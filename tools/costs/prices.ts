/** What one unit of a meter costs. It is an input: whoever reckons replaces it by the price of their own offer. */
export interface Price {
  /** In US dollars, for one `unit`. */
  usd: number;
  unit: string;
  /** How many of the meter's own pieces one unit has. */
  per: number;
  /** Pieces a month that cost nothing, in each subscription. */
  free?: number;
  page: string;
}

const PRICING = 'https://azure.microsoft.com/pricing/details';
const functions = `${PRICING}/functions/`;
const monitor = `${PRICING}/monitor/`;

/**
 * List prices in US dollars for the region and the date below, pay as you go. Azure's pages fill their prices in by
 * script, so nothing here can compare them: they are examples, and each reader replaces them.
 */
export const PRICES_OF = { region: 'East US', date: '2025-05' } as const;
export const PRICES = {
  baseline: { usd: 0.000004, unit: 'GB-s', per: 1, page: functions },
  readyTime: { usd: 0.000016, unit: 'GB-s', per: 1, page: functions },
  demandTime: { usd: 0.000026, unit: 'GB-s', per: 1, free: 100_000, page: functions },
  readyExecutions: { usd: 0.4, unit: 'million', per: 1_000_000, page: functions },
  demandExecutions: { usd: 0.4, unit: 'million', per: 1_000_000, free: 250_000, page: functions },
  queueOperations: { usd: 0.004, unit: '10,000', per: 10_000, page: `${PRICING}/storage/queues/` },
  tableOperations: { usd: 0.00036, unit: '10,000', per: 10_000, page: `${PRICING}/storage/tables/` },
  logs: { usd: 2.3, unit: 'GB', per: 1, page: monitor },
  alertEvery1: { usd: 3, unit: 'rule', per: 1, page: monitor },
  alertEvery5: { usd: 1.5, unit: 'rule', per: 1, page: monitor },
  alertEvery10: { usd: 1, unit: 'rule', per: 1, page: monitor },
  alertEvery15: { usd: 0.5, unit: 'rule', per: 1, page: monitor },
  eventGrid: {
    usd: 0.6,
    unit: 'million operations',
    per: 1_000_000,
    free: 100_000,
    page: `${PRICING}/event-grid/`,
  },
  throughputUnit: { usd: 0.03, unit: 'hour', per: 1, page: `${PRICING}/event-hubs/` },
  hubEvents: { usd: 0.028, unit: 'million', per: 1_000_000, page: `${PRICING}/event-hubs/` },
} satisfies Record<string, Price>;
export type Meter = keyof typeof PRICES;
