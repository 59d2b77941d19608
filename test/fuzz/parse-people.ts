import assert from 'node:assert/strict';
import fc from 'fast-check';
import { admit } from '../../shared/api/access/admit.ts';
import { isBeyondForms, isFromAnotherSite } from '../../shared/api/access/cross-site.ts';
import { readPrincipal } from '../../shared/api/access/principal.ts';
import { BODIES, readActionBody } from '../../shared/api/actions/bodies.ts';
import { readMoment } from '../../shared/api/actions/moment.ts';
import { personActing } from '../../shared/api/actions/person-acting.ts';
import { silenceTimes } from '../../shared/api/actions/silence-times.ts';
import { ProblemError } from '../../shared/api/problem.ts';
import { readQuery } from '../../shared/api/read-query.ts';
import { ENDPOINTS } from '../../shared/api/register.ts';
import { InventoryError, inventoryRows } from '../../shared/facts/inventory-rows.ts';
import { linkTo, plain, truncate } from '../../shared/notices/say/plain.ts';
import { readSettings, SETTINGS, SettingsError } from '../../shared/settings/settings.ts';
import { principalHeader } from '../api/access/principal-header.ts';
import { POLICY } from '../signals/examples.ts';
import { corpusOf, fuzzed } from './fuzzed.ts';
import { garbled, jsonOf, mutated, oddText, PLANTED } from './mutate.ts';

const NOW = '2026-03-01T10:00:00.000Z';
const OPERATOR = principalHeader({ roles: ['Lockwatch.Operator'], name: 'ann@contoso.example', oid: 'o1' });
const principals = mutated([JSON.parse(Buffer.from(OPERATOR, 'base64').toString())]).map((one) =>
  Buffer.from(jsonOf(one)).toString('base64'),
);
const MOMENTS = [
  'now',
  '4h',
  '2d',
  '1h30m',
  'PT4H',
  'P1DT12H',
  '2026-03-02T10:00:00Z',
  '2026-03-02T10:00:00+02:00',
];
const bodies = mutated([
  { why: 'we move the vault', by: 'Ann' },
  { until: '4h', why: 'rotation' },
  { from: '1d', until: '2d', why: 'rotation' },
  { number: '2603010040001', note: 'asked Microsoft' },
  {},
]);
const parameters = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom('policy', 'vault', 'environment', 'state', 'after', 'trigger', 'code'),
        oddText,
      ),
      fc.oneof(fc.constantFrom('open', 'key-disabled', POLICY), oddText),
    ),
    { maxLength: 4 },
  )
  .map((pairs) => new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value])));

const INVENTORY = [
  {
    policyId: POLICY,
    environmentId: '00000000-0000-4000-8000-000000000001',
    displayName: 'One',
    sku: 'Production',
    url: 'https://org.crm.dynamics.com',
  },
];
const csv = fc
  .array(fc.array(oddText, { maxLength: 6 }), { maxLength: 4 })
  .map((lines) =>
    ['policyId,environmentId,displayName', ...lines.map((cells) => cells.join(','))].join('\n'),
  );

const EXAMPLES = Object.values(SETTINGS).map(({ name, example }) => [name, example] as const);
const settings = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom(...EXAMPLES.map(([name]) => name)),
        fc.constantFrom(
          'LOCKWATCH_TEAMS_WEBHOOK_URL_OPS',
          'LOCKWATCH_TYPO',
          'LOCKWATCH___PROTO__',
          '__proto__',
        ),
        oddText.map((text) => `LOCKWATCH_${text}`),
      ),
      fc.oneof(
        fc.constantFrom(
          ...EXAMPLES.map(([, example]) => example),
          `https://relay.example/hook?sig=${PLANTED}`,
          `https://ann:${PLANTED}@relay.example/`,
          `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${PLANTED}`,
          `Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=${PLANTED}`,
          `smtps://ann:${PLANTED}@relay.example`,
        ),
        oddText,
      ),
    ),
    { maxLength: 8 },
  )
  .map((given) => Object.fromEntries([...EXAMPLES.slice(0, 12), ...given]));

export const PEOPLE_PARSERS = [
  fuzzed({
    name: 'the header of the signed-in person',
    modules: ['api/access/principal.ts'],
    inputs: fc.oneof(
      principals,
      garbled(principals),
      oddText,
      fc.constantFrom(...corpusOf('the header of the signed-in person').map(String), OPERATOR),
    ),
    parse(header) {
      const principal = readPrincipal(header);
      const admission = admit('entra', 'write', (name) =>
        name === 'x-ms-client-principal' ? header : name === 'content-type' ? 'application/json' : null,
      );
      if (principal) assert.doesNotMatch(principal.name + principal.objectId, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      return { ...principal, roles: principal?.roles.length, admission };
    },
    most: 5000,
  }),
  fuzzed({
    name: 'the headers of a browser',
    modules: ['api/access/cross-site.ts'],
    inputs: fc.dictionary(
      fc.constantFrom('origin', 'host', 'sec-fetch-site', 'content-type', 'x-lockwatch-by'),
      fc.oneof(
        fc.constantFrom(
          'https://lockwatch.example.com',
          'lockwatch.example.com',
          'same-origin',
          'null',
          'https://lockwatch.example.com.evil.example',
        ),
        oddText,
      ),
    ),
    parse(given) {
      const header = (name: string) => given[name] ?? null;
      const isForeign = isFromAnotherSite(header, undefined);
      if (given.origin !== undefined && given.host === undefined)
        assert.ok(isForeign, 'an origin without a host');
      return [isForeign, isBeyondForms(header)];
    },
    most: 20,
  }),
  fuzzed({
    name: "an action's body",
    modules: ['api/actions/bodies.ts'],
    inputs: fc.record({
      schema: fc.constantFrom(...Object.values(BODIES)),
      contentType: fc.constantFrom('application/json', 'application/json; charset=utf-8', 'text/plain', null),
      transferEncoding: fc.constantFrom(null, null, 'chunked'),
      bytes: fc
        .oneof(bodies.map(jsonOf), garbled(bodies.map(jsonOf)), oddText, fc.constant('x'.repeat(20_000)))
        .map((text) => Buffer.from(text)),
    }),
    parse: ({ schema, ...sent }) => readActionBody(schema as typeof BODIES.drill, sent),
    errors: [ProblemError],
    most: 20_000,
  }),
  fuzzed({
    name: 'a moment or a duration',
    modules: ['api/actions/moment.ts'],
    inputs: fc.record({
      from: garbled(fc.constantFrom(...MOMENTS)),
      until: fc.oneof(
        fc.constantFrom(...MOMENTS, ...corpusOf('a moment or a duration').map(String)),
        oddText,
      ),
    }),
    parse(given) {
      const { from, until } = typeof given === 'string' ? { from: given, until: given } : given;
      const [begin, end] = [readMoment(from), readMoment(until)];
      if (end === undefined) return null;
      const { from: starts, until: ends } = silenceTimes({ from: begin, until: end, why: 'w' }, [], NOW);
      assert.ok(
        end === 'now' || (Date.parse(ends) > Date.parse(NOW) && Date.parse(ends) > Date.parse(starts)),
      );
      return end;
    },
    errors: [ProblemError],
    most: 500,
  }),
  fuzzed({
    name: 'who acts',
    modules: ['api/actions/person-acting.ts'],
    inputs: fc.record({
      access: fc.constantFrom('keys' as const, 'none' as const),
      header: fc.option(oddText),
    }),
    parse: ({ access, header }) => personActing(access, undefined, { header }),
    errors: [ProblemError],
    most: 500,
  }),
  fuzzed({
    name: 'query parameters',
    modules: ['api/read-query.ts'],
    inputs: fc.tuple(fc.constantFrom(...ENDPOINTS), parameters),
    parse: ([{ query, method }, given]) => readQuery(query, given, method),
    errors: [ProblemError],
    most: 40_000,
  }),
  fuzzed({
    name: 'an inventory',
    modules: ['facts/inventory-rows.ts', 'facts/inventory.ts'],
    inputs: fc.oneof(
      mutated([INVENTORY, ...corpusOf('an inventory')]).map((one) =>
        typeof one === 'string' ? one : jsonOf(one),
      ),
      garbled(fc.constant(jsonOf(INVENTORY))),
      csv,
      garbled(csv),
      oddText,
    ),
    parse: inventoryRows,
    errors: [InventoryError],
    most: 20_000,
  }),
  fuzzed({
    name: 'the settings',
    modules: [
      'settings/settings.ts',
      'facts/power-platform/addresses.ts',
      'notices/channels/smtp/smtp.ts',
      'azure/answer-schema.ts',
    ],
    inputs: settings,
    parse(environment) {
      try {
        readSettings(environment);
        return null;
      } catch (error) {
        if (error instanceof SettingsError) return [error.message, error.faults, error.settings];
        throw error;
      }
    },
    most: 200_000,
  }),
  fuzzed({
    name: 'a name or a link in a notice',
    modules: ['notices/say/plain.ts'],
    inputs: oddText,
    parse(text) {
      const [line, link] = [plain(text, 100), linkTo(text)];
      assert.ok(Array.from(truncate(text, 100)).length <= 100);
      assert.doesNotMatch(line, /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      if (link !== undefined) assert.match(link, /^https?:\/\//);
      return [line, link];
    },
    most: 2000,
  }),
];
