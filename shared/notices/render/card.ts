import type { Message } from '../say/message.ts';
import { truncate } from '../say/plain.ts';
import { FULL, type Limits } from './card-elements.ts';
import { cardWithin, smallestCard } from './card-parts.ts';
import { STEPS_AT_ONCE } from './card-steps.ts';

/** Teams drops a message above about 28 KB without an error; this leaves room for what Workflows adds. */
export const MAX_BYTES = 20_000;

/**
 * The body of a Teams Workflows webhook: an Adaptive Card of version 1.4 in its envelope (Teams docs:
 * Incoming webhooks with Workflows). Never above 20,000 bytes: first environments are omitted and counted,
 * then evidence and steps, then policies. The first steps are there without a tap.
 */
export function teamsBody(message: Message): object {
  for (const limits of LIMITS) {
    const body = fullestBody(message, limits);
    if (body) return body;
  }
  const small = envelope(message, smallestCard(message, STEPS_AT_ONCE));
  return fits(small) ? small : envelope(message, smallestCard(message, 0));
}

/** From a complete card to one that names only the most important things. */
const LIMITS: readonly (Limits & { fewest: number })[] = [
  { ...FULL, fewest: 10 },
  { policies: 12, environments: 40, evidence: 5, steps: 12, text: 400, fewest: 6 },
  { policies: 8, environments: 20, evidence: 3, steps: 8, text: 250, fewest: 3 },
  { policies: 3, environments: 6, evidence: 1, steps: 3, text: 150, fewest: 0 },
];

/** The body with as many environments as fit; undefined if fewer than `fewest` do. */
function fullestBody(message: Message, limits: Limits & { fewest: number }): object | undefined {
  const named = message.sections
    .flatMap(({ policies }) => policies ?? [])
    .reduce((sum, { environments }) => sum + environments.length, 0);
  const most = Math.min(limits.environments, named);
  const whole = bodyIfFits(message, limits, most);
  if (whole) return whole;
  let fitting: object | undefined;
  let low = Math.min(limits.fewest, most);
  let high = most - 1;
  while (low <= high) {
    const environments = Math.floor((low + high) / 2);
    const body = bodyIfFits(message, limits, environments);
    if (body) {
      fitting = body;
      low = environments + 1;
    } else high = environments - 1;
  }
  return fitting;
}

function bodyIfFits(message: Message, limits: Limits, environments: number): object | undefined {
  const body = envelope(message, cardWithin(message, { ...limits, environments }));
  return fits(body) ? body : undefined;
}

function fits(body: object): boolean {
  return Buffer.byteLength(JSON.stringify(body), 'utf8') <= MAX_BYTES;
}

function envelope(message: Message, content: object): object {
  return {
    type: 'message',
    summary: truncate(message.summary, 250),
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}
