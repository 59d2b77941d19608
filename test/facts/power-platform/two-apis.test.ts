import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Part } from '../../../shared/azure/part.ts';
import type { EnvironmentsFact } from '../../../shared/facts/facts.ts';
import { armError, list } from '../fake-azure.ts';
import { POLICY } from '../tenant.ts';
import {
  ADMIN_PATH,
  adminRow,
  aTenant,
  BAP,
  PLATFORM,
  PLATFORM_PATH,
  platformRow,
  REFUSED,
  role,
  type Tenant,
} from './a-tenant.ts';

const OTHER = `${POLICY}-other`;
const HOUR = 60 * 60_000;

function factOf(part: Part<EnvironmentsFact>): EnvironmentsFact {
  return part.state === 'known' ? part.value : assert.fail(JSON.stringify(part));
}
async function factIn(tenant: Tenant, id?: string) {
  return factOf(await aTenant(tenant).read(id));
}
function idsOf({ environments }: EnvironmentsFact) {
  return environments.map(({ id }) => id).sort();
}
function statesOf({ environments }: EnvironmentsFact) {
  return Object.fromEntries(environments.map(({ id, runtimeState }) => [id, runtimeState]));
}

describe('the members of a policy', () => {
  it('are read from whichever API answers', async () => {
    assert.deepEqual(idsOf(await factIn({ admin: list(adminRow('a')) })), ['a']);
    assert.deepEqual(idsOf(await factIn({ platform: list(platformRow('a')) })), ['a']);
  });

  it('are the union of both lists, by the environment’s id in any case', async () => {
    const tenant = {
      admin: list(adminRow('A'), adminRow('b'), adminRow('c', { link: null })),
      platform: list(platformRow('a'), platformRow('c'), platformRow('d')),
    };
    assert.deepEqual(idsOf(await factIn(tenant)), ['a', 'b', 'c', 'd']);
  });

  it('count for both policies where the lists name different ones', async () => {
    const tenant = {
      admin: list(adminRow('a', { link: OTHER })),
      platform: list(platformRow('a', { link: POLICY })),
    };
    assert.deepEqual(idsOf(await factIn(tenant)), ['a']);
    assert.deepEqual(idsOf(await factIn(tenant, OTHER)), ['a']);
  });

  it('are found by the policy’s system id, whichever field holds it', async () => {
    const guid = '0f747967-84c4-4f29-84c2-682fb00390c8';
    const systemId = `/regions/europe/providers/Microsoft.PowerPlatform/enterprisePolicies/${guid}`;
    for (const encryption of [{ id: guid }, { resourceId: systemId.toUpperCase() }]) {
      const row = platformRow('a', { link: null }, { enterprisePolicies: { encryption } });
      const part = await aTenant({ platform: list(row) }).read(POLICY, { systemId });
      assert.deepEqual(idsOf(factOf(part)), ['a'], JSON.stringify(encryption));
    }
  });

  it('have a link status in one set of words, whichever API says it', async () => {
    for (const [word, status] of [
      ['Linked', 'Linked'],
      ['linkingOnline', 'Linking'],
      ['UnlinkingOnline', 'Unlinking'],
      ['NOTLINKED', 'NotLinked'],
      ['LinkFailed', 'LinkFailed'],
      ['UnlinkFailed', 'UnlinkFailed'],
      ['Failed', 'Failed'],
      ['Rewrapping', 'Rewrapping'],
    ]) {
      const one = await factIn({ admin: list(adminRow('a', { linkStatus: word })) });
      const other = await factIn({ platform: list(platformRow('a', { linkStatus: word })) });
      assert.deepEqual(
        [one, other].map((fact) => fact.environments[0]?.linkStatus),
        [status, status],
        word,
      );
    }
  });

  it('are known though the other API fails in any way, and the failure is said where neither answers', async () => {
    for (const failing of [
      REFUSED,
      armError(401, ''),
      { status: 500 },
      { afterMs: 60_000 },
      list(),
      list('x'),
    ]) {
      assert.deepEqual(idsOf(await factIn({ admin: failing, platform: list(platformRow('a')) })), ['a']);
      assert.deepEqual(idsOf(await factIn({ admin: list(adminRow('a')), platform: failing })), ['a']);
    }
    const part = await aTenant({}).read();
    assert.equal(part.state === 'unknown' && part.reason, 'forbidden');
    assert.match(JSON.stringify(part), /scopes\/admin\/environments answered 403.*registration/);
    assert.match(JSON.stringify(part), /environmentmanagement\/environments answered 403/);
    const passing = await aTenant({ platform: { status: 503, headers: { 'retry-after': '60' } } }).read();
    assert.equal(passing.state === 'unknown' && passing.reason, 'throttled');
  });

  it('do not wait long for an API that hangs while the other has answered', async () => {
    const tenant = aTenant({ admin: list(adminRow('a')), platform: { afterMs: 9_000 } });
    const began = tenant.clock.nowMs();
    assert.deepEqual(idsOf(factOf(await tenant.read())), ['a']);
    assert.ok(tenant.clock.nowMs() - began <= 3000, `${tenant.clock.nowMs() - began} ms`);
  });
});

describe('the state of an environment', () => {
  it('is that of the admin API, and that of the Power Platform API only where the former does not answer', async () => {
    const platform = list(
      platformRow('a', { state: 'Whatever' }),
      platformRow('b'),
      platformRow('c', { state: 'ready' }),
    );
    const admin = list(adminRow('a', { state: 'AdminMode' }));
    assert.deepEqual(statesOf(await factIn({ admin, platform })), {
      a: 'AdminMode',
      b: 'Enabled',
      c: 'Enabled',
    });
    assert.deepEqual(statesOf(await factIn({ platform })), { a: undefined, b: 'Enabled', c: 'Enabled' });
  });

  it('is understood from whole words only', async () => {
    for (const state of ['Disabled by admin', 'NotReady', 'EnabledWithWarnings', 'Not disabled', '']) {
      const fact = await factIn({ platform: list(platformRow('a', { state })) });
      assert.equal(fact.environments[0]?.runtimeState, undefined, state);
    }
    const fact = await factIn({ platform: list(platformRow('a', { state: 'DISABLED' })) });
    assert.equal(fact.environments[0]?.runtimeState, 'Disabled');
  });

  it('is Disabled where either shows it so', async () => {
    const admin = list(adminRow('a', { state: 'Disabled' }), adminRow('b'));
    const platform = list(platformRow('a'), platformRow('b', { state: 'Disabled' }));
    assert.deepEqual(statesOf(await factIn({ admin, platform })), { a: 'Disabled', b: 'Disabled' });
  });

  it('stays Disabled until both APIs were read again, unless one refuses', async () => {
    const platform = list(platformRow('a'));
    const tenant = aTenant({ admin: list(adminRow('a', { state: 'Disabled' })), platform });
    const runtime = async () => statesOf(factOf(await tenant.read())).a;
    assert.equal(await runtime(), 'Disabled');
    tenant.set({ admin: { status: 500 } });
    assert.equal(await runtime(), 'Disabled', 'the admin API has not said otherwise');
    tenant.set({ admin: list(adminRow('a')) });
    assert.equal(await runtime(), 'Enabled');
    tenant.set({ admin: list(adminRow('a', { state: 'Disabled' })) });
    await runtime();
    tenant.set({ admin: REFUSED });
    assert.equal(await runtime(), 'Enabled', 'an API that refuses is not one of the two any more');
  });

  it('says when the environment was deleted, and keeps no placeholder', async () => {
    const deletion = {
      deletedDateTime: '2026-02-27T08:00:00Z',
      retentionDetails: { retentionPeriod: 'P7D', backupsAvailableFromDateTime: '2026-02-20T00:00:00Z' },
    };
    const placeholder = { deletedDateTime: '0001-01-01T00:00:00Z', retentionDetails: {} };
    const fact = await factIn({
      admin: list(adminRow('a')),
      platform: list(platformRow('a', {}, deletion), platformRow('b', {}, placeholder)),
    });
    assert.deepEqual(
      fact.environments.map(({ id, deletion: at }) => [id, at]),
      [
        [
          'a',
          { at: '2026-02-27T08:00:00.000Z', retentionPeriod: 'P7D', backupsFrom: '2026-02-20T00:00:00.000Z' },
        ],
        ['b', undefined],
      ],
    );
  });
});

describe('a list is known to be complete', () => {
  const isComplete = async (tenant: Tenant) => (await factIn(tenant)).isComplete;
  const platform = list(platformRow('a'));

  it('where the admin API answers, since it answers administrators and registered applications only', async () => {
    assert.equal(await isComplete({ admin: list(adminRow('a')) }), true);
  });

  it('where this identity’s own role at tenant scope can be read, in any of the roles that read everything', async () => {
    for (const id of ['C886AD2E-27F7-4874-8381-5849B8D8A090', '0cb07c69-1631-4725-ab35-e59e001c51ea'])
      assert.equal(
        await isComplete({ platform, roles: list(role('/tenants/t', { roleDefinitionId: id })) }),
        true,
      );
  });

  it('nowhere else: not by a role at a group or an environment, of somebody else, of another kind, or ended', async () => {
    for (const roles of [
      list(),
      REFUSED,
      list(role('/tenants/t/environmentGroups/g')),
      list(role('/tenants/t/environments/a')),
      list(role('/tenants/t', { principalObjectId: 'cccccccc-0000-0000-0000-000000000003' })),
      list(role('/tenants/t', { roleDefinitionId: '5835ab2b-77cf-0000-0000-000000000000' })),
      list(role('/tenants/t', { expiresOn: '2026-02-01T00:00:00Z' })),
      list('x', null, {}),
    ])
      assert.equal(await isComplete({ platform, roles }), false, JSON.stringify(roles));
  });

  it('not where no row has a link: then the API may have left links out', async () => {
    const admin = list(adminRow('a', { link: null }));
    assert.equal(await isComplete({ admin }), false);
    assert.deepEqual((await factIn({ admin })).listed, []);
  });

  it('not where an encryption policy can’t be identified', async () => {
    const row = platformRow(
      'b',
      { link: null },
      { enterprisePolicies: { encryption: { status: 'Linked' } } },
    );
    assert.equal(await isComplete({ platform: list(platformRow('a'), row), roles: list(role()) }), false);
  });
});

describe('the rest of the tenant', () => {
  it('is counted: running and disabled, in administration mode and with warnings too', async () => {
    const others = ['Enabled', 'AdminMode', 'Warning', 'Disabled', 'Strange'].map((state, n) =>
      adminRow(`o${n}`, { link: n === 0 ? OTHER : null, state }),
    );
    const admin = list(...others, adminRow('a'), adminRow('b', { state: 'Disabled' }));
    assert.deepEqual((await factIn({ admin })).outside, { running: 3, disabled: 1 });
  });

  it('is listed, so that an unlinked member differs from one that vanished', async () => {
    const admin = list(adminRow('a'), adminRow('b', { link: null }), adminRow('c', { link: OTHER }));
    assert.deepEqual((await factIn({ admin })).listed, ['a', 'b', 'c']);
  });
});

describe('two complete lists that contradict each other', () => {
  const roles = list(role());
  it('are reported by environment and by the API that lacks it', async () => {
    const admin = list(adminRow('a'), adminRow('b'), adminRow('c', { link: null }));
    const platform = list(platformRow('a'), platformRow('c'));
    assert.deepEqual((await factIn({ admin, platform, roles })).disputed, [
      { id: 'b', lackedBy: 'platform' },
      { id: 'c', lackedBy: 'admin' },
    ]);
  });

  it('are not compared where one of them may be partial', async () => {
    const admin = list(adminRow('a'), adminRow('b'));
    assert.equal((await factIn({ admin, platform: list(platformRow('a')) })).disputed, undefined);
  });
});

describe('an API that refused', () => {
  it('is asked again after an hour, or when a person wants to see whether a right works now', async () => {
    const tenant = aTenant({ admin: list(adminRow('a')) });
    const asked = () => tenant.azure.countOf(PLATFORM_PATH);
    await tenant.read();
    await tenant.read();
    assert.equal(asked(), 1);
    await tenant.read(POLICY, {}, { askRefused: true });
    assert.equal(asked(), 2);
    await tenant.clock.advance(HOUR - 1000);
    await tenant.read();
    assert.equal(asked(), 2);
    await tenant.clock.advance(1000);
    await tenant.read();
    assert.equal(asked(), 3);
    assert.equal(tenant.azure.countOf(ADMIN_PATH), 5);
  });

  it('is still named with its reason meanwhile', async () => {
    const tenant = aTenant({});
    const first = await tenant.read();
    const second = await tenant.read();
    assert.equal(tenant.azure.asked.length, 3, 'both lists, and the roles');
    assert.ok(first.state === 'unknown' && second.state === 'unknown');
    assert.equal(second.detail, first.detail);
  });
});

describe('the next page', () => {
  it('is found under either name, in any case', async () => {
    for (const name of ['nextLink', 'NextLink', '@odata.nextLink', '@OData.NextLink']) {
      const pages = (path: string, row: (id: string) => unknown) => (request: { url: string }) =>
        request.url.includes('skip')
          ? list(row('b'))
          : { body: { value: [row('a')], '@odata.count': 2, [name]: `${path}&skip=1` } };
      const admin = pages(`${BAP}${ADMIN_PATH}?api-version=1`, adminRow);
      const platform = pages(`${PLATFORM}${PLATFORM_PATH}?api-version=1`, platformRow);
      assert.deepEqual(idsOf(await factIn({ admin })), ['a', 'b'], name);
      assert.deepEqual(idsOf(await factIn({ platform })), ['a', 'b'], name);
    }
  });

  it('may be at a regional host of the admin API, and nowhere else', async () => {
    const leadingTo = (origin: string) => (request: { url: string }) =>
      request.url.includes('skip')
        ? list(adminRow('b'))
        : { body: { value: [adminRow('a')], nextLink: `${origin}${ADMIN_PATH}?skip=1` } };
    const tenant = aTenant({ admin: leadingTo('https://europe.api.bap.microsoft.com') });
    assert.deepEqual(idsOf(factOf(await tenant.read())), ['a', 'b']);
    for (const origin of [
      'http://europe.api.bap.microsoft.com',
      'https://europe.api.bap.microsoft.com:8443',
      'https://api.bap.microsoft.com.evil.example',
      'https://evilapi.bap.microsoft.com',
      'https://a.b.api.bap.microsoft.com',
      'https://u:p@europe.api.bap.microsoft.com',
      'https://api.powerplatform.com',
      'https://bap.microsoft.com',
    ]) {
      const elsewhere = aTenant({ admin: leadingTo(origin) });
      const part = await elsewhere.read();
      assert.equal(part.state === 'unknown' && part.reason, 'invalidAnswer', origin);
      assert.equal(elsewhere.azure.requests.filter(({ url }) => url.includes('skip')).length, 0, origin);
    }
    const other = aTenant({
      platform: {
        body: {
          value: [platformRow('a')],
          '@odata.nextLink': `https://europe.api.powerplatform.com${PLATFORM_PATH}`,
        },
      },
    });
    assert.equal((await other.read()).state, 'unknown');
  });

  it('never takes one API’s token to the other', async () => {
    const tenant = aTenant({ admin: list(adminRow('a')), platform: list(platformRow('a')) });
    await tenant.read();
    for (const { url, headers } of tenant.azure.requests)
      assert.match(
        headers.get('authorization') ?? '',
        url.startsWith(BAP) ? /^Bearer admin/ : /^Bearer platform/,
      );
  });
});
