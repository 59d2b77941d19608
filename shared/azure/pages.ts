import type { Get } from './azure-get.ts';
import type { Deadline } from './deadline.ts';
import type { Failed, Outcome } from './outcome.ts';

/** No list that we read is longer; a service that returns pages without end must not block a reading. */
const MAX_PAGES = 1000;

/** GETs one JSON document. */
export async function getJson(get: Get, target: string, deadline: Deadline): Promise<Outcome<unknown>> {
  const outcome = await get(target, deadline);
  if (outcome.kind !== 'answered') return outcome;
  try {
    return { ...outcome, value: JSON.parse(outcome.value.text) as unknown };
  } catch {
    return invalid(target, 'answered with what is not JSON', outcome.at);
  }
}

/**
 * GETs all pages of a list of the form `{value: [], nextLink?}`. A `nextLink` to another origin is a failure.
 */
export async function getPages(get: Get, target: string, deadline: Deadline): Promise<Outcome<unknown[]>> {
  const items: unknown[] = [];
  const outcome = await eachPage(get, target, deadline, (page) => {
    for (const item of page) items.push(item);
  });
  return outcome.kind === 'answered' ? { ...outcome, value: items } : outcome;
}

/** The same, one page at a time, for a list too long to hold in memory as a whole. */
export async function eachPage(
  get: Get,
  target: string,
  deadline: Deadline,
  take: (items: readonly unknown[]) => void,
): Promise<Outcome<undefined>> {
  const seen = new Set<string>();
  const askedAt = deadline.clock.now();
  let next = target;
  while (!seen.has(next) && seen.size < MAX_PAGES) {
    seen.add(next);
    const outcome = await getJson(get, next, deadline);
    if (outcome.kind !== 'answered') return outcome;
    const { at, value } = outcome;
    if (!isPage(value)) return invalid(target, 'answered without a list', at);
    take(value.value);
    const link = nextLinkOf(value);
    if (link === undefined) return { kind: 'answered', value: undefined, askedAt, at };
    if (typeof link !== 'string') return invalid(target, 'answered with a nextLink that is no address', at);
    next = link;
  }
  return invalid(target, 'answered with pages that never end', deadline.clock.now());
}

/** Resource Manager and the older Power Platform API say `nextLink`, OData services `@odata.nextLink`. */
const NEXT_LINK = /^(@odata\.)?nextlink$/i;

function nextLinkOf(body: object): unknown {
  return Object.entries(body).find(
    ([name, link]) => NEXT_LINK.test(name) && link !== null && link !== '',
  )?.[1];
}

function isPage(body: unknown): body is { value: unknown[] } {
  return typeof body === 'object' && body !== null && 'value' in body && Array.isArray(body.value);
}

function invalid(target: string, because: string, at: string): Failed {
  const path = URL.parse(target, 'https://localhost')?.pathname ?? '';
  return { kind: 'failed', what: `GET ${path}`, reason: 'invalidAnswer', because, at };
}
