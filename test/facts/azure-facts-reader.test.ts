import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Part } from '../../shared/azure/part.ts';
import type { EnvironmentSource } from '../../shared/facts/environments.ts';
import type { Facts } from '../../shared/facts/facts.ts';
import { handClock } from '../azure/hand-clock.ts';
import { armError, list } from './fake-azure.ts';
import { noEnvironmentsHere } from './no-environments.ts';
import {
  ASSIGNMENTS,
  assignment,
  CURRENT,
  DELETED_VAULT,
  DENIALS,
  ENCRYPTION_USER,
  GROUP,
  KEY,
  keyAnswer,
  OLD,
  POLICIES,
  POLICY,
  PRINCIPAL,
  policyAnswer,
  stage,
  VAULT,
  vaultAnswer,
  versionItem,
} from './tenant.ts';

const HINTS = {
  vaultId: VAULT,
  vaultLocation: 'West Europe',
  keyName: 'cmk',
  principalId: PRINCIPAL,
  rbac: true,
};

function knownOf<T>(part: Part<T>): T {
  assert.equal(part.state, 'known', JSON.stringify(part));
  return part.state === 'known' ? part.value : assert.fail();
}
function reasonOf(part: Part<unknown>): string {
  return part.state === 'unknown' ? part.reason : part.state;
}
/** Why the key's versions are not all known, where the key itself answered. */
function listFault({ key }: Facts): string | undefined {
  return key.state === 'known' ? key.value.incomplete?.reason : undefined;
}

describe('a healthy chain', () => {
  it('is read whole: policy, vault, key with its versions, permission', async () => {
    const facts = await stage().read(POLICY);
    assert.equal(knownOf(facts.policy).principalId, PRINCIPAL);
    assert.equal(knownOf(facts.policy).keyVersion, undefined, 'N/A means the current version');
    assert.equal(knownOf(facts.vault).rbac, true);
    assert.deepEqual(
      knownOf(facts.key).versions.map(({ version, kty, keyOps, created }) => ({
        version,
        kty,
        keyOps,
        created,
      })),
      [
        {
          version: CURRENT,
          kty: 'RSA',
          keyOps: ['wrapKey', 'unwrapKey'],
          created: '2025-06-15T15:06:40.000Z',
        },
        { version: OLD, kty: undefined, keyOps: undefined, created: '2023-11-14T22:13:20.000Z' },
      ],
    );
    assert.deepEqual(knownOf(facts.permission).missing, []);
    assert.equal(reasonOf(facts.deletedVault), 'follows');
  });

  it('is found by ids in any case, and each resource is asked for once', async () => {
    const { read, azure } = stage();
    const facts = await read(POLICY.toUpperCase(), {
      ...HINTS,
      vaultId: VAULT.toUpperCase(),
      keyName: 'CMK',
      principalId: PRINCIPAL.toUpperCase(),
    });
    assert.deepEqual(knownOf(facts.permission).missing, []);
    assert.equal(new Set(azure.asked).size, azure.asked.length, azure.asked.join('\n'));
  });

  it('needs one round trip where hints tell what lies below the policy', async () => {
    const { read, azure, clock } = stage();
    for (const [path, body] of [
      [POLICY, policyAnswer()],
      [VAULT, vaultAnswer()],
      [KEY, keyAnswer()],
      [`${KEY}/versions`, { value: [versionItem(CURRENT)] }],
      [ASSIGNMENTS, { value: [assignment()] }],
      [DENIALS, { value: [] }],
    ] as const)
      azure.on(path, { body, afterMs: 30 });
    const began = clock.nowMs();
    const facts = await read(POLICY, HINTS);
    assert.equal(clock.nowMs() - began, 30);
    assert.deepEqual(knownOf(facts.permission).missing, []);
  });

  it('reads by the hints what the policy’s own answer no longer names', async () => {
    const { azure, read } = stage();
    azure.on(POLICY, { body: policyAnswer(POLICY, { identity: undefined, properties: {} }) });
    const facts = await read(POLICY, HINTS);
    assert.deepEqual(
      [facts.vault, facts.key, facts.permission].map(({ state }) => state),
      Array(3).fill('known'),
    );
    assert.equal(knownOf(facts.policy).vaultId, undefined, 'the answer itself stays as it is');
  });

  it('reads a vault whose network rules hold a null', async () => {
    const { azure, read } = stage();
    const networkAcls = { ipRules: [null, { value: '203.0.113.7/32' }], virtualNetworkRules: [null, {}] };
    azure.on(VAULT, { body: vaultAnswer({ networkAcls }) });
    const { network } = knownOf((await read(POLICY)).vault);
    assert.deepEqual([network.ipRules, network.virtualNetworkRules], [['203.0.113.7/32'], []]);
  });

  it('reads what the policy names now, where the hints named another vault', async () => {
    const { read, azure } = stage();
    const facts = await read(POLICY, { ...HINTS, vaultId: VAULT.replace('kv1', 'kv-old'), keyName: 'other' });
    assert.equal(knownOf(facts.vault).name, 'kv1');
    assert.equal(knownOf(facts.key).name, 'cmk');
    assert.equal(azure.countOf(VAULT), 1);
  });
});

describe('one pass', () => {
  it('makes no reading newer than the answers that it shares: what was read since by others is not overwritten', async () => {
    const { azure, reader, clock } = stage();
    const second = POLICY.replace('ep1', 'ep2');
    azure.on(second, { body: policyAnswer(second) });
    const session = reader.begin(10_000);
    const began = clock.now();
    await clock.drive(session.read(POLICY));
    await clock.advance(2000);
    const facts = await clock.drive(session.read(second));
    assert.equal(azure.countOf(VAULT), 1);
    assert.equal(facts.readAt, began);
  });

  it('asks once for what five policies on one vault share', async () => {
    const { azure, reader, clock } = stage();
    const ids = [1, 2, 3, 4, 5].map((number) => POLICY.replace('ep1', `ep${number}`));
    ids.forEach((id, index) => {
      const identity = { principalId: `${PRINCIPAL.slice(0, -1)}${index}` };
      azure.on(id, { body: policyAnswer(id, { identity }) });
    });
    azure.on(ASSIGNMENTS, list(assignment()));
    const session = reader.begin(10_000);
    const facts = await clock.drive(Promise.all(ids.map((id) => session.read(id, HINTS))));
    for (const one of facts) knownOf(one.permission);
    assert.equal(new Set(azure.asked).size, azure.asked.length, azure.asked.join('\n'));
    for (const path of [VAULT, KEY, `${KEY}/versions`, DENIALS, ENCRYPTION_USER])
      assert.equal(azure.countOf(path), 1);
  });

  it('reads afresh in the next pass', async () => {
    const { azure, read } = stage();
    await read(POLICY);
    azure.on(VAULT, { body: vaultAnswer({ publicNetworkAccess: 'Disabled' }) });
    assert.equal(knownOf((await read(POLICY)).vault).network.publicNetworkAccess, 'Disabled');
  });

  it('asks at most so many at once', async () => {
    const { azure, reader, clock } = stage({ concurrency: 2 });
    let now = 0;
    let most = 0;
    const send = azure.sendRequest.bind(azure);
    azure.sendRequest = async (request) => {
      most = Math.max(most, ++now);
      await clock.sleep(5);
      now -= 1;
      return send(request);
    };
    const facts = await clock.drive(reader.begin(10_000).read(POLICY, HINTS));
    assert.equal(most, 2);
    knownOf(facts.permission);
  });
});

describe('what is gone', () => {
  it('a policy is gone where its id and the list of its subscription both say so; the rest is read by the hints', async () => {
    const { azure, read } = stage();
    azure.on(POLICY, armError(404, 'ResourceNotFound'));
    azure.on(POLICIES, list());
    const facts = await read(POLICY, HINTS);
    assert.equal(facts.policy.state, 'gone');
    assert.equal(facts.vault.state, 'known');
    assert.equal(facts.key.state, 'known');
    assert.equal(facts.permission.state, 'known');
  });

  it('a policy that its list still names is unknown, and so is one whose list can’t be read', async () => {
    const { azure, read } = stage();
    azure.on(POLICY, armError(404, 'ResourceNotFound'));
    azure.on(POLICIES, list({ id: POLICY.toUpperCase() }));
    assert.equal(reasonOf((await read(POLICY)).policy), 'invalidAnswer');
    azure.on(POLICIES, armError(403, 'AuthorizationFailed'));
    assert.equal(reasonOf((await read(POLICY)).policy), 'forbidden');
  });

  it('below a policy that nobody remembers everything follows from it', async () => {
    const { azure, read } = stage();
    azure.on(POLICY, armError(403, 'AuthorizationFailed'));
    const facts = await read(POLICY);
    assert.deepEqual([facts.vault, facts.key, facts.permission, facts.deletedVault].map(reasonOf), [
      'follows',
      'follows',
      'follows',
      'follows',
    ]);
  });

  it('a vault is gone with its twin found by region; key and permission follow', async () => {
    const { azure, read } = stage();
    azure.on(VAULT, armError(404, 'ResourceNotFound'));
    azure.on(`${KEY}/versions`, armError(404, 'ParentResourceNotFound'));
    azure.on(DELETED_VAULT, {
      body: {
        properties: {
          vaultId: VAULT.toUpperCase(),
          deletionDate: '2026-03-01T09:59:00Z',
          scheduledPurgeDate: '2026-05-30T09:59:00Z',
          purgeProtectionEnabled: true,
        },
      },
    });
    const facts = await read(POLICY, HINTS);
    assert.match(
      facts.vault.state === 'gone' ? facts.vault.detail : '',
      /vaults\/kv1 answered 404 \(ResourceNotFound\)/,
    );
    assert.equal(knownOf(facts.deletedVault).scheduledPurgeDate, '2026-05-30T09:59:00.000Z');
    assert.deepEqual([reasonOf(facts.key), reasonOf(facts.permission)], ['follows', 'follows']);
  });

  it('a vault without a twin can’t be recovered; a twin of another vault is none', async () => {
    const { azure, read } = stage();
    azure.on(VAULT, armError(404, 'ResourceNotFound'));
    assert.equal((await read(POLICY, HINTS)).deletedVault.state, 'gone');
    azure.on(DELETED_VAULT, { body: { properties: { vaultId: VAULT.replace('rg-cmk', 'rg-other') } } });
    assert.equal((await read(POLICY, HINTS)).deletedVault.state, 'gone');
    azure.on(DELETED_VAULT, armError(403, 'AuthorizationFailed'));
    assert.equal(reasonOf((await read(POLICY, HINTS)).deletedVault), 'forbidden');
  });

  it('without a region the twin is looked for among all deleted vaults of the subscription', async () => {
    const { azure, read } = stage();
    azure.on(VAULT, armError(404, 'ResourceNotFound'));
    const deleted = DELETED_VAULT.replace('/locations/westeurope/deletedVaults/kv1', '/deletedVaults');
    azure.on(deleted, list({ properties: { vaultId: `${VAULT}x` } }, { properties: { vaultId: VAULT } }));
    assert.equal((await read(POLICY, { ...HINTS, vaultLocation: undefined })).deletedVault.state, 'known');
    azure.on(deleted, list());
    assert.equal((await read(POLICY, { ...HINTS, vaultLocation: undefined })).deletedVault.state, 'gone');
  });

  it('a resource group that is gone took the vault along; a subscription that isn’t found tells nothing', async () => {
    const { azure, read } = stage();
    azure.on(VAULT, armError(404, 'ResourceGroupNotFound'));
    assert.equal((await read(POLICY)).vault.state, 'gone');
    for (const [status, code] of [
      [404, 'SubscriptionNotFound'],
      [400, 'InvalidSubscriptionId'],
    ] as const) {
      azure.on(VAULT, armError(status, code));
      assert.equal(reasonOf((await read(POLICY)).vault), 'forbidden', code);
    }
  });

  it('a 404 that ARM did not write is no proof that anything is gone', async () => {
    const { azure, read } = stage();
    for (const answer of [
      { status: 404, body: '<html>not here</html>' },
      armError(404, 'InvalidResourceType'),
      armError(404, 'NoRegisteredProviderFound'),
      armError(409, 'Conflict'),
      armError(400, 'BadRequest'),
    ]) {
      azure.on(VAULT, answer);
      azure.on(`${KEY}/versions`, answer);
      const facts = await read(POLICY);
      assert.deepEqual([reasonOf(facts.vault), listFault(facts)], ['invalidAnswer', 'invalidAnswer']);
      azure.on(KEY, answer);
      assert.equal(
        reasonOf((await read(POLICY)).key),
        'invalidAnswer',
        'nor where the key itself answers so',
      );
      azure.on(KEY, { body: keyAnswer() });
    }
  });
});

describe('what can’t be known', () => {
  it('a refusal of our own identity is unknown, and its detail names the right that is missing', async () => {
    const { azure, read } = stage();
    azure.on(VAULT, armError(403, 'AuthorizationFailed', 'client secret-token has no authorization'));
    const { vault, permission } = await read(POLICY);
    assert.equal(reasonOf(vault), 'forbidden');
    assert.match(vault.state === 'unknown' ? vault.detail : '', /needs Reader on the vault kv1/);
    assert.equal(reasonOf(permission), 'follows');
  });

  it('what is not in by the end of the budget is unknown, and what is in counts', async () => {
    const { azure, reader, clock } = stage();
    azure.on(`${KEY}/versions`, { body: { value: [] }, afterMs: 60_000 });
    azure.on(KEY, { body: keyAnswer(), afterMs: 60_000 });
    const began = clock.nowMs();
    const facts = await clock.drive(reader.begin(2000).read(POLICY, HINTS));
    assert.equal(clock.nowMs() - began, 2000);
    assert.equal(reasonOf(facts.key), 'timeout');
    assert.equal(facts.vault.state, 'known');
    assert.equal(facts.permission.state, 'known');
  });

  /** A source whose list takes a minute. */
  const slowList = (clock: ReturnType<typeof handClock>) => ({
    begin: (deadline: Parameters<ReturnType<typeof noEnvironmentsHere>['begin']>[0]) => ({
      async forPolicy(
        ...asked: Parameters<ReturnType<ReturnType<typeof noEnvironmentsHere>['begin']>['forPolicy']>
      ) {
        await clock.sleep(60_000);
        return noEnvironmentsHere(clock)
          .begin(deadline)
          .forPolicy(...asked);
      },
    }),
  });

  it('a slow list of environments holds up what is urgent only by its grace', async () => {
    const clock = handClock();
    const { reader } = stage({ clock, environments: slowList(clock) });
    const began = clock.nowMs();
    const facts = await clock.drive(reader.begin(100_000, { environmentsGraceMs: 300 }).read(POLICY, HINTS));
    assert.equal(clock.nowMs() - began, 300);
    assert.equal(reasonOf(facts.environments), 'timeout');
    assert.deepEqual([facts.policy.state, facts.permission.state], ['known', 'known']);
  });

  it('a list that is slow, and that the next sweep uses, holds up a sweep only for its grace', async () => {
    const clock = handClock();
    const slow = slowList(clock);
    const environments: EnvironmentSource = {
      begin: (deadline) => ({ ...slow.begin(deadline), graceMs: 3_000 }),
    };
    const { reader } = stage({ clock, environments });
    const took = async (hints: object) => {
      const began = clock.nowMs();
      const facts = await clock.drive(reader.begin(100_000, { sweep: true }).read(POLICY, hints));
      assert.deepEqual([facts.policy.state, facts.permission.state], ['known', 'known']);
      return [clock.nowMs() - began, reasonOf(facts.environments)];
    };
    assert.deepEqual(await took({ ...HINTS, membersKnown: true }), [3_000, 'timeout']);
    assert.deepEqual(await took(HINTS), [60_000, 'notConfigured'], 'no member is known');
  });

  it('where the members are known, a signal does not ask for the list', async () => {
    const clock = handClock();
    let asked = 0;
    const none = noEnvironmentsHere(clock);
    const environments: EnvironmentSource = {
      begin: (deadline) => ({
        forPolicy: (...given) => {
          asked += 1;
          return none.begin(deadline).forPolicy(...given);
        },
      }),
    };
    const { azure, reader } = stage({ clock, environments });
    const signalReads = () => reader.begin(100_000, { environmentsGraceMs: 300, skipsKnownMembers: true });
    const hints = { ...HINTS, membersKnown: true };
    const facts = await clock.drive(signalReads().read(POLICY, hints));
    assert.equal(asked, 0);
    assert.equal(reasonOf(facts.environments), 'timeout');
    assert.deepEqual([facts.policy.state, facts.permission.state], ['known', 'known']);
    await clock.drive(signalReads().read(POLICY, HINTS));
    assert.equal(asked, 1, 'no member is known');
    azure.on(POLICY, armError(404, 'ResourceNotFound', 'gone'));
    azure.on(POLICIES, list());
    await clock.drive(signalReads().read(POLICY, hints));
    assert.equal(asked, 2, 'the policy is gone');
  });

  it('for a policy that is gone the list is waited for: nothing else tells whether environments name it', async () => {
    const clock = handClock();
    const { azure, reader } = stage({ clock, environments: slowList(clock) });
    azure.on(POLICY, armError(404, 'ResourceNotFound', 'gone'));
    azure.on(POLICIES, list());
    const facts = await clock.drive(reader.begin(100_000, { environmentsGraceMs: 300 }).read(POLICY, HINTS));
    assert.equal(facts.policy.state, 'gone');
    assert.equal(reasonOf(facts.environments), 'notConfigured', 'the source’s own answer, not a timeout');
  });

  it('a token that never comes is a timeout of everything, not a hang', async () => {
    const { reader, clock } = stage({ credential: { getToken: () => new Promise(() => {}) } });
    const facts = await clock.drive(reader.begin(1000).read(POLICY, HINTS));
    assert.deepEqual([reasonOf(facts.policy), reasonOf(facts.vault)], ['timeout', 'timeout']);
  });

  it('an identity without a token is named, and nothing of the error’s text', async () => {
    const error = Object.assign(new Error('secret-token at http://169.254.169.254'), {
      name: 'CredentialUnavailableError',
    });
    const { read } = stage({ credential: { getToken: () => Promise.reject(error) } });
    const { policy } = await read(POLICY);
    assert.equal(reasonOf(policy), 'unavailable');
    assert.match(JSON.stringify(policy), /CredentialUnavailableError/);
    assert.doesNotMatch(JSON.stringify(policy), /secret|169/);
  });

  it('answers of another form are unknown, each with the field at fault', async () => {
    const shapes: [string, unknown, 'policy' | 'vault' | 'key' | 'permission'][] = [
      [POLICY, [], 'policy'],
      [POLICY, 'not json', 'policy'],
      [POLICY, policyAnswer(POLICY, { kind: 'NetworkInjection' }), 'policy'],
      [VAULT, { properties: { enableRbacAuthorization: true } }, 'vault'],
      [VAULT, vaultAnswer({ enableRbacAuthorization: 'true' }), 'vault'],
      [VAULT, null, 'vault'],
      [`${KEY}/versions`, { value: 'none' }, 'key'],
      [`${KEY}/versions`, { value: [{ properties: { attributes: {} } }] }, 'key'],
      [`${KEY}/versions`, { value: [] }, 'key'],
      [ASSIGNMENTS, { value: [{ id: 'x', properties: null }] }, 'permission'],
      [DENIALS, { value: [42] }, 'permission'],
    ];
    for (const [path, body, part] of shapes) {
      const { azure, read } = stage();
      azure.on(path, { body });
      const facts = await read(POLICY);
      const fault = part === 'key' ? listFault(facts) : reasonOf(facts[part]);
      assert.equal(fault, 'invalidAnswer', `${path} ${JSON.stringify(body)}`);
      if (part !== 'key') continue;
      azure.on(KEY, { body });
      assert.equal(reasonOf((await read(POLICY)).key), 'invalidAnswer', 'nor does the key itself tell it');
    }
  });

  it('no token shows up in any detail, whatever Azure answers', async () => {
    for (const answer of [
      { status: 500, body: 'secret-token' },
      { breaks: 'ECONNRESET' },
      { status: 403, body: { error: { code: 'secret token!', message: 'secret-token' } } },
      { status: 302, headers: { location: 'https://evil.example/?secret-token' } },
      { body: 'secret-token' },
    ]) {
      const { azure, read } = stage();
      for (const path of [POLICY, VAULT, KEY, `${KEY}/versions`, ASSIGNMENTS, DENIALS])
        azure.on(path, answer);
      const facts = await read(POLICY, HINTS);
      assert.equal(facts.policy.state, 'unknown');
      assert.doesNotMatch(JSON.stringify(facts), /secret/);
    }
  });
});

describe('what isn’t ours to judge', () => {
  it('a Managed HSM is listed, and everything below is not supported', async () => {
    const { azure, read } = stage();
    const id = VAULT.replace('/vaults/', '/managedHSMs/');
    const properties = { encryption: { keyVault: { id, key: { name: 'cmk' } } } };
    azure.on(POLICY, { body: policyAnswer(POLICY, { properties }) });
    const facts = await read(POLICY);
    assert.equal(knownOf(facts.policy).managedHsm, true);
    assert.deepEqual([facts.vault, facts.key, facts.permission].map(reasonOf), Array(3).fill('notSupported'));
    assert.equal(azure.countOf(id), 0);
  });

  it('a Managed HSM that an earlier reading showed is not asked for either, nor called gone', async () => {
    const { azure, read } = stage();
    const vaultId = VAULT.replace('/vaults/', '/managedHSMs/');
    azure.on(POLICY, armError(503, 'ServiceUnavailable'));
    const facts = await read(POLICY, { ...HINTS, vaultId });
    assert.deepEqual([facts.vault, facts.key, facts.permission].map(reasonOf), Array(3).fill('notSupported'));
    assert.deepEqual(
      azure.requests.filter(({ url }) => url.includes('managedHSMs')),
      [],
    );
  });

  it('a policy that never named key or identity leaves just that unknown', async () => {
    const { azure, read } = stage();
    const properties = { encryption: { keyVault: { id: VAULT } } };
    azure.on(POLICY, { body: policyAnswer(POLICY, { identity: null, properties }) });
    const facts = await read(POLICY);
    assert.equal(facts.vault.state, 'known');
    assert.deepEqual([facts.key, facts.permission].map(reasonOf), ['invalidAnswer', 'invalidAnswer']);
  });

  it('ids from outside can’t lead the token or the request elsewhere', async () => {
    for (const id of [
      '//evil.example/x',
      'https://evil.example/x',
      `${GROUP}/../../x`,
      `${VAULT}?x=y`,
      `${VAULT}#`,
      '',
    ]) {
      const { azure, read } = stage();
      const properties = { encryption: { keyVault: { id, key: { name: 'cmk' } } } };
      azure.on(POLICY, { body: policyAnswer(POLICY, { properties }) });
      assert.equal(reasonOf((await read(POLICY)).vault), 'invalidAnswer', id);
      assert.ok(
        azure.requests.every(({ url }) => url.startsWith('https://management.azure.com/subscriptions/')),
      );
    }
  });
});
