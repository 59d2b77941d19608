import assert from 'node:assert/strict';
import fc from 'fast-check';
import { httpsAddress } from '../../shared/azure/answer-schema.ts';
import { armIdParts, armPath, isUnder, normalId, sameId } from '../../shared/azure/arm-id.ts';
import { azureGet } from '../../shared/azure/azure-get.ts';
import { deadlineIn } from '../../shared/azure/deadline.ts';
import { graphNames } from '../../shared/azure/graph-names.ts';
import { tokenIn } from '../../shared/azure/identity-endpoint.ts';
import { getPages } from '../../shared/azure/pages.ts';
import { retryAfterMs, throttledMs } from '../../shared/azure/retry-after.ts';
import { claimsIn } from '../../shared/azure/token-claims.ts';
import { withLists } from '../../shared/facts/listed-answers.ts';
import { isRegionOf } from '../../shared/facts/power-platform/admin-list.ts';
import { rightsReader } from '../../shared/facts/rights-reader.ts';
import { cannotSee } from '../../shared/preview/who-can/cannot-see.ts';
import { whoCan } from '../../shared/preview/who-can/who-can.ts';
import { handClock } from '../azure/hand-clock.ts';
import { type FakeAzure, fakeAzure } from '../facts/fake-azure.ts';
import { adminRow, aTenant, role as platformRole, platformRow } from '../facts/power-platform/a-tenant.ts';
import {
  ASSIGNMENTS,
  assignment,
  DELETED_VAULT,
  DENIALS,
  ENCRYPTION_USER,
  KEY,
  keyAnswer,
  POLICIES,
  POLICY,
  policyAnswer,
  role,
  stage,
  VAULT,
  vaultAnswer,
  versionItem,
} from '../facts/tenant.ts';
import { corpusOf, fuzzed } from './fuzzed.ts';
import { garbled, jsonOf, mutated, oddText, PLANTED } from './mutate.ts';

const STATUS = fc.constantFrom(
  200,
  200,
  200,
  200,
  201,
  204,
  302,
  400,
  401,
  403,
  404,
  404,
  409,
  429,
  500,
  503,
);
const headers = fc.dictionary(
  fc.constantFrom('retry-after', 'retry-after-ms', 'x-ms-retry-after-ms', 'content-type', 'location'),
  fc.oneof(fc.constantFrom('0', '1', '-5', '1e9', 'soon', 'Fri, 31 Dec 9999 23:59:59 GMT', PLANTED), oddText),
  { maxKeys: 2 },
);

interface Answer {
  path: string;
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** One address's answer, changed. The body of a refusal carries what must never come back. */
function answerOf(path: string, examples: readonly unknown[]): fc.Arbitrary<Answer> {
  const error = { error: { code: 'AuthorizationFailed', message: `Bearer ${PLANTED}` } };
  const body = fc.oneof(
    mutated(examples).map(jsonOf),
    garbled(mutated(examples).map(jsonOf)),
    mutated([error, { ...error, value: [] }]).map(jsonOf),
  );
  return fc
    .record({ path: fc.constant(path), status: STATUS, headers, body })
    .map((answer) => ({ ...answer, headers: printable(answer.headers) }));
}

function printable(given: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, value.replace(/[^\x20-\x7e]/g, '')]),
  );
}

function play(azure: FakeAzure, answers: readonly Answer[]): void {
  for (const { path, ...answer } of answers) azure.on(path, answer);
}

const SUBSCRIPTION_PROVIDERS = `${POLICIES.split('/providers/')[0]}/providers`;
const VAULTS = `${SUBSCRIPTION_PROVIDERS}/Microsoft.KeyVault/vaults`;
const ALL_DENIALS = `${SUBSCRIPTION_PROVIDERS}/Microsoft.Authorization/denyAssignments`;
const ALL_ASSIGNMENTS = `${SUBSCRIPTION_PROVIDERS}/Microsoft.Authorization/roleAssignments`;
const ALL_ELIGIBLE = `${SUBSCRIPTION_PROVIDERS}/Microsoft.Authorization/roleEligibilityScheduleInstances`;
const denial = { id: 'd', properties: { scope: VAULT, permissions: [{ dataActions: ['*'] }] } };
const VERSION = '22222222222222222222222222222222';
const ARM_ANSWERS = fc.oneof(
  answerOf(POLICY, [policyAnswer(), ...corpusOf('the answers about a policy and its key')]),
  answerOf(POLICIES, [{ value: [policyAnswer()] }, { value: [], nextLink: 'https://evil.example/x' }]),
  answerOf(VAULT, [
    vaultAnswer(),
    vaultAnswer({
      enableRbacAuthorization: false,
      accessPolicies: [{ objectId: 'o', permissions: { keys: ['get'] } }],
    }),
  ]),
  answerOf(KEY, [keyAnswer()]),
  answerOf(`${KEY}/versions`, [
    { value: [versionItem(VERSION)] },
    { value: [versionItem(VERSION)], nextLink: `${KEY}/versions?page=2` },
  ]),
  answerOf(ASSIGNMENTS, [{ value: [assignment()] }]),
  answerOf(DENIALS, [
    {
      value: [{ id: 'd', properties: { permissions: [{ dataActions: ['*'] }], principals: [{ id: 'x' }] } }],
    },
  ]),
  answerOf(ENCRYPTION_USER, [role()]),
  answerOf(DELETED_VAULT, [
    {
      properties: {
        vaultId: VAULT,
        deletionDate: '2026-01-01T00:00:00Z',
        scheduledPurgeDate: '2026-04-01T00:00:00Z',
      },
    },
  ]),
);

/** No answer makes the app ask without end: pages are counted, and a session asks each address once. */
const MAX_REQUESTS = 60;

export const AZURE_PARSERS = [
  fuzzed({
    name: 'the answers about a policy and its key',
    modules: [
      'azure/pages.ts',
      'azure/azure-get.ts',
      'azure/answer-schema.ts',
      'azure/key-vault-operations.ts',
      'facts/policy.ts',
      'facts/vault.ts',
      'facts/key.ts',
      'facts/permission-reader.ts',
      'facts/moved-vault.ts',
      'facts/policy-readers.ts',
      'facts/subscription.ts',
      'facts/time-bound.ts',
      'facts/locks.ts',
      'facts/event-source.ts',
      'facts/rotation.ts',
    ],
    inputs: fc.array(ARM_ANSWERS, { minLength: 1, maxLength: 3 }),
    async parse(answers) {
      const { azure, clock, reader } = stage();
      play(azure, answers);
      const session = reader.begin(10_000, { askRefused: true, protection: true });
      const facts = await clock.drive(session.read(POLICY, { vaultLocation: 'westeurope' }));
      const listed = await clock.drive(session.listPolicies());
      const source = await clock.drive(
        session.readEventSource(`${VAULT}/providers/Microsoft.Insights/diagnosticSettings/lw`),
      );
      assert.ok(azure.asked.length <= MAX_REQUESTS, `${azure.asked.length} requests`);
      onlyTo(azure, ['management.azure.com']);
      return { facts, listed, source };
    },
    most: 200_000,
  }),
  fuzzed({
    name: 'the rights of all principals',
    modules: ['facts/rights-reader.ts', 'facts/role-answers.ts'],
    inputs: fc.array(
      fc.oneof(
        ARM_ANSWERS,
        answerOf(ALL_ASSIGNMENTS, [{ value: [assignment()] }]),
        answerOf(ALL_ELIGIBLE, [{ value: [assignment()] }]),
        answerOf(ALL_DENIALS, [{ value: [denial] }]),
      ),
      { minLength: 1, maxLength: 4 },
    ),
    async parse(answers) {
      const { azure, clock, reader } = stage();
      play(azure, answers);
      const session = reader.begin(10_000);
      const facts = await clock.drive(session.read(POLICY));
      assert.ok(session.arm);
      const read = rightsReader(session.arm)(facts, { vaultId: VAULT, keyName: 'cmk', rbac: true });
      const rights = await clock.drive(read);
      assert.ok(azure.asked.length <= MAX_REQUESTS, `${azure.asked.length} requests`);
      onlyTo(azure, ['management.azure.com']);
      return { operations: whoCan([rights]), cannotSee: cannotSee([rights]) };
    },
    most: 200_000,
  }),
  fuzzed({
    name: 'lists in place of the resources, in a sweep',
    modules: ['facts/listed-answers.ts'],
    inputs: fc.array(
      fc.oneof(
        ARM_ANSWERS,
        answerOf(VAULTS, [{ value: [vaultAnswer()] }, { value: [{ id: VAULT }, vaultAnswer()] }]),
        answerOf(ALL_DENIALS, [{ value: [denial] }]),
      ),
      { minLength: 1, maxLength: 4 },
    ),
    async parse(answers) {
      const { azure, clock, reader } = stage();
      const sweep = async () => {
        const session = reader.begin(10_000, { sweep: true, withLists });
        await clock.drive(session.listPolicies());
        return clock.drive(session.read(POLICY, { vaultLocation: 'westeurope' }));
      };
      // The first compares the rows with the resources, the second may take them.
      const facts = await sweep();
      play(azure, answers);
      const later = await sweep();
      assert.ok(azure.asked.length <= MAX_REQUESTS, `${azure.asked.length} requests`);
      onlyTo(azure, ['management.azure.com']);
      return { facts, later };
    },
    most: 400_000,
  }),
  fuzzed({
    name: "both of Power Platform's lists",
    modules: [
      'facts/power-platform/tenant-list.ts',
      'facts/power-platform/tenant-role.ts',
      'facts/power-platform/admin-list.ts',
      'azure/token-claims.ts',
    ],
    inputs: fc.record({
      admin: answerOf('', [
        { value: [adminRow('e1'), adminRow('e2', { state: 'Disabled' })] },
        { value: [adminRow('e1', { linkStatus: 'constructor', state: 'toString' })] },
        ...corpusOf("both of Power Platform's lists"),
      ]),
      platform: answerOf('', [
        { value: [platformRow('e1'), platformRow('e3', { link: null })] },
        { value: [platformRow('e1', { linkStatus: '__proto__', state: 'valueOf' })] },
        ...corpusOf("both of Power Platform's lists"),
      ]),
      roles: answerOf('', [{ value: [platformRole()] }]),
    }),
    async parse(answers) {
      const tenant = aTenant(answers);
      const part = await tenant.read();
      assert.ok(tenant.azure.asked.length <= MAX_REQUESTS);
      onlyTo(tenant.azure, ['api.bap.microsoft.com', 'api.powerplatform.com']);
      return part;
    },
    most: 200_000,
  }),
  fuzzed({
    name: "Microsoft Graph's answers",
    modules: ['azure/graph-names.ts'],
    inputs: fc.tuple(
      answerOf('/v1.0/users/o1', [{ displayName: 'Ada', userPrincipalName: 'ada@contoso.example' }]),
      answerOf('/v1.0/serviceprincipals/o1', [{ displayName: 'An app' }]),
    ),
    async parse(answers) {
      const clock = handClock();
      const azure = fakeAzure(clock);
      play(azure, answers);
      const said: unknown[] = [];
      const log = {
        info() {},
        warn: (...args: unknown[]) => said.push(args),
        error: (...args: unknown[]) => said.push(args),
      };
      const endpoint = 'https://graph.microsoft.com';
      const names = graphNames({
        endpoint,
        scope: 's',
        clock,
        log,
        credential: CREDENTIAL,
        httpClient: azure,
      });
      await clock.drive(names.ask(['o1']));
      return { found: names.known('o1'), said };
    },
    most: 5000,
  }),
  fuzzed({
    name: 'a nextLink',
    modules: ['azure/pages.ts'],
    inputs: fc.oneof(
      mutated([
        'https://management.azure.com/x?page=2',
        '/x?page=2',
        '//evil.example/x',
        ...corpusOf('a nextLink'),
      ]),
      oddText,
      fc.constantFrom(
        'https://management.azure.com@evil.example/',
        'https://management.azure.com.evil.example/',
        'http://management.azure.com/x',
      ),
    ),
    async parse(nextLink) {
      const clock = handClock();
      const azure = fakeAzure(clock);
      azure.on('/x', { body: { value: [1], nextLink } });
      const get = azureGet({
        endpoint: 'https://management.azure.com',
        scope: 's',
        clock,
        credential: CREDENTIAL,
        httpClient: azure,
      });
      const outcome = await clock.drive(getPages(get, '/x', deadlineIn(10_000, clock)));
      assert.ok(azure.asked.length <= 10, `${azure.asked.length} requests for one link`);
      onlyTo(azure, ['management.azure.com']);
      const isRegion = isRegionOf('https://api.bap.microsoft.com');
      const link = typeof nextLink === 'string' ? nextLink : jsonOf(nextLink);
      const url = URL.parse(link, 'https://api.bap.microsoft.com');
      if (url && isRegion(url)) assert.match(url.href, /^https:\/\/[a-z0-9-]+\.api\.bap\.microsoft\.com\//);
      return outcome.kind === 'refused' ? outcome.status : outcome;
    },
    most: 20_000,
  }),
  fuzzed({
    name: 'a Retry-After header',
    modules: ['azure/retry-after.ts'],
    inputs: fc.record({
      status: STATUS,
      general: fc.oneof(garbled(fc.constantFrom('120', 'Fri, 31 Dec 9999 23:59:59 GMT')), oddText),
      own: fc.option(oddText, { nil: undefined }),
    }),
    parse({ status, general, own }) {
      const nowMs = Date.parse('2026-03-01T10:00:00Z');
      const wait = throttledMs(status, (name) => (name === 'retry-after' ? general : own), nowMs);
      const asked = retryAfterMs(general, nowMs);
      for (const ms of [wait, asked]) assert.ok(ms === undefined || ms <= 3_600_000, `waits ${ms} ms`);
      return [wait, asked];
    },
    most: 100,
  }),
  fuzzed({
    name: 'an access token',
    modules: ['azure/token-claims.ts'],
    inputs: garbled(
      mutated([{ oid: 'o', exp: 1 }]).map(
        (claims) => `h.${Buffer.from(jsonOf(claims)).toString('base64url')}.${PLANTED}`,
      ),
    ),
    parse: (token) => Object.keys(claimsIn(token.replace(PLANTED, ''))).length,
    most: 10,
  }),
  fuzzed({
    name: "the identity endpoint's answer",
    modules: ['azure/identity-endpoint.ts'],
    inputs: mutated([
      { access_token: 'a.b.c', expires_on: '1772366400', token_type: 'Bearer' },
      { access_token: 'a.b.c', expires_on: '1e308' },
      ...corpusOf("the identity endpoint's answer"),
    ]),
    parse: tokenIn,
    most: 10_000,
  }),
  fuzzed({
    name: 'an ARM id',
    modules: ['azure/answer-schema.ts'],
    inputs: fc.tuple(garbled(fc.constantFrom(VAULT, POLICY, KEY)), oddText),
    parse([id, other]) {
      const path = armPath(id);
      if (path !== undefined) {
        const url = new URL(path, 'https://management.azure.com');
        assert.equal(url.host, 'management.azure.com');
        assert.equal(url.search + url.hash, '');
      }
      return [path, armIdParts(id), normalId(id), sameId(id, other), isUnder(id, other), httpsAddress(other)];
    },
    most: 30_000,
  }),
];

const CREDENTIAL = {
  getToken: async () => ({ token: PLANTED, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
};

/** The token goes to these hosts, over https, and nowhere else. */
function onlyTo({ requests }: FakeAzure, hosts: readonly string[]): void {
  for (const { url } of requests) {
    const { protocol, host } = new URL(url);
    assert.ok(protocol === 'https:' && hosts.includes(host), `a request to ${protocol}//${host}`);
  }
}
