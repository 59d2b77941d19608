import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as AdaptiveCards from 'adaptivecards';
import { Ajv } from 'ajv';
import { MAX_BYTES } from '../../shared/notices/render/card.ts';
import { textsWithin } from './nasty-text.ts';

const require = createRequire(import.meta.url);
// The package's own ES modules name their files without an ending, which Node doesn't take.
const {
  AdaptiveCard,
  SerializationContext,
  Versions,
}: typeof AdaptiveCards = require('adaptivecards/dist/adaptivecards.js');
const matches = new Ajv({ allErrors: true, formats: { uri: isUri, 'uri-reference': isUri } }).compile(
  JSON.parse(readFileSync(new URL('./schemas/card-1.4.json', import.meta.url), 'utf8')),
);

/** Asserts what Teams takes: the envelope, the size, the schema of version 1.4, Microsoft's own parser, clean texts. */
export function assertValid(body: object): void {
  const bytes = Buffer.byteLength(JSON.stringify(body), 'utf8');
  assert(bytes <= MAX_BYTES, `${bytes} bytes`);
  const copy = JSON.parse(JSON.stringify(body));
  assert.equal(copy.type, 'message');
  assert(typeof copy.summary === 'string' && copy.summary !== '');
  assert.equal(copy.attachments.length, 1);
  assert.equal(copy.attachments[0].contentType, 'application/vnd.microsoft.card.adaptive');
  const { msteams, ...card } = copy.attachments[0].content;
  assert.deepEqual(msteams, { width: 'Full' });
  assert.equal(card.version, '1.4');
  assert.deepEqual(remarks(card), []);
  for (const text of textsWithin(body)) {
    assert(text.isWellFormed());
    assert(!/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(text), JSON.stringify(text));
  }
  for (const { type, url } of everything(body))
    if (type === 'Action.OpenUrl') assert.match(String(url), /^https?:\/\//);
}

/** What the schema and the parser have against a card. */
export function remarks(card: object): string[] {
  const bySchema = matches(card)
    ? []
    : (matches.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  const context = new SerializationContext(Versions.v1_4);
  const parsed = new AdaptiveCard();
  parsed.parse(card, context);
  const byParser = Array.from(
    { length: context.eventCount },
    (_, index) => context.getEventAt(index).message,
  );
  const byRules = parsed.validateProperties().validationEvents.map(({ message }) => message);
  return [...bySchema, ...byParser, ...byRules];
}

export function everything(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(everything);
  if (typeof value !== 'object' || value === null) return [];
  return [{ ...value }, ...Object.values(value).flatMap(everything)];
}

function isUri(text: string): boolean {
  return URL.canParse(text);
}
