import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Facts, KeyFact } from '../../shared/facts/facts.ts';
import { armError, list } from './fake-azure.ts';
import { CURRENT, KEY, keyAnswer, OLD, POLICY, policyAnswer, stage, VAULT, versionItem } from './tenant.ts';

const VERSIONS = `${KEY}/versions`;

function keyOf({ key }: Facts): KeyFact {
  return key.state === 'known' ? key.value : assert.fail(JSON.stringify(key));
}

describe('a key', () => {
  it('tells its times in seconds since the epoch, under the names of the wire', async () => {
    const { azure, read } = stage();
    azure.on(
      VERSIONS,
      list(versionItem(CURRENT, { enabled: false, nbf: 1_700_000_001, exp: 1_800_000_000 })),
    );
    const [version] = keyOf(await read(POLICY)).versions;
    assert.deepEqual(
      [version?.enabled, version?.notBefore, version?.expires],
      [false, '2023-11-14T22:13:21.000Z', '2027-01-15T08:00:00.000Z'],
    );
  });

  it('is read to the last page, newest version first', async () => {
    const { azure, read } = stage();
    azure.on(VERSIONS, (request) =>
      request.url.includes('skip')
        ? list(versionItem(CURRENT, { created: 1_750_000_000 }))
        : { body: { value: [versionItem(OLD)], nextLink: `https://management.azure.com${VERSIONS}?skip=1` } },
    );
    assert.deepEqual(
      keyOf(await read(POLICY)).versions.map(({ version }) => version),
      [CURRENT, OLD],
    );
  });

  it('itself tells which of two versions made in one second is current', async () => {
    for (const current of [OLD, CURRENT]) {
      const { azure, read } = stage();
      azure.on(VERSIONS, list(versionItem(OLD), versionItem(CURRENT)));
      azure.on(KEY, { body: keyAnswer(current) });
      assert.equal(keyOf(await read(POLICY)).versions[0]?.version, current);
    }
  });

  it('that is pinned has its type and operations read for that version', async () => {
    const { azure, read } = stage();
    const key = { name: 'cmk', version: OLD.toUpperCase() };
    azure.on(POLICY, {
      body: policyAnswer(POLICY, { properties: { encryption: { keyVault: { id: VAULT, key } } } }),
    });
    azure.on(`${VERSIONS}/${OLD}`, { body: keyAnswer(OLD, { kty: 'EC', keyOps: ['sign'] }) });
    const { versions } = keyOf(await read(POLICY));
    assert.deepEqual(
      versions.map(({ version, kty, keyOps }) => [version, kty, keyOps]),
      [
        [CURRENT, undefined, undefined],
        [OLD, 'EC', ['sign']],
      ],
    );
  });

  it('is known without type and operations where only those can’t be read', async () => {
    for (const answer of [
      armError(403, 'KeyDisabled'),
      armError(404, 'KeyNotFound'),
      { status: 500 },
      { body: [] },
    ]) {
      const { azure, read } = stage();
      azure.on(KEY, answer);
      const { versions } = keyOf(await read(POLICY));
      assert.deepEqual([versions.length, versions[0]?.kty], [2, undefined]);
    }
  });

  it('is gone where its list says 404, or lists nothing and the key itself says 404', async () => {
    const { azure, read } = stage();
    azure.on(VERSIONS, armError(404, 'KeyNotFound'));
    const { key } = await read(POLICY);
    assert.match(key.state === 'gone' ? key.detail : '', /keys\/cmk\/versions answered 404 \(KeyNotFound\)/);
    azure.on(VERSIONS, list());
    azure.on(KEY, armError(404, 'ResourceNotFound'));
    assert.equal((await read(POLICY)).key.state, 'gone');
  });

  it('whose answer says KeyDisabled is disabled in every version known, and no lack of rights', async () => {
    const { azure, read } = stage();
    azure.on(VERSIONS, {
      status: 403,
      body: { error: { code: 'Forbidden', message: 'no', innererror: { code: 'KeyDisabled' } } },
    });
    assert.deepEqual(keyOf(await read(POLICY, { keyVersions: [CURRENT, OLD] })).versions, [
      { version: CURRENT, enabled: false },
      { version: OLD, enabled: false },
    ]);
    const { key } = await read(POLICY);
    assert.equal(key.state === 'unknown' && key.reason, 'invalidAnswer', 'no version is made up');
    azure.on(VERSIONS, armError(403, 'Forbidden'));
    azure.on(KEY, armError(403, 'Forbidden'));
    const refused = (await read(POLICY, { keyVersions: [CURRENT] })).key;
    assert.equal(refused.state === 'unknown' && refused.reason, 'forbidden');
  });

  it('has the operations of a version that was replaced less than 28 days ago, by its own answer', async () => {
    for (const [daysOld, expected] of [
      [3, ['unwrapKey']],
      [29, undefined],
    ] as const) {
      const { azure, read, clock } = stage();
      const created = Math.floor(clock.nowMs() / 1000) - daysOld * 86_400;
      azure.on(KEY, { body: keyAnswer(CURRENT) });
      azure.on(VERSIONS, list(versionItem(OLD), versionItem(CURRENT, { created })));
      const old = versionItem(OLD);
      azure.on(`${VERSIONS}/${OLD}`, {
        body: { ...old, properties: { ...old.properties, kty: 'RSA', keyOps: ['unwrapKey'] } },
      });
      const { key } = await read(POLICY);
      assert.ok(key.state === 'known');
      assert.deepEqual(key.value.versions[1]?.keyOps, expected);
      assert.equal(azure.countOf(`${VERSIONS}/${OLD}`), expected ? 1 : 0);
    }
  });
});

describe('a key whose list of versions fails or lacks something', () => {
  const pinned = (azure: ReturnType<typeof stage>['azure'], version: string) =>
    azure.on(POLICY, {
      body: policyAnswer(POLICY, {
        properties: { encryption: { keyVault: { id: VAULT, key: { name: 'cmk', version } } } },
      }),
    });
  const brief = (facts: Facts) => {
    const { versions, incomplete } = keyOf(facts);
    return [versions.map(({ version, enabled }) => `${version[0]} ${enabled}`), incomplete?.reason];
  };

  it('is known by the answer of the version in use, and says that others may be missing', async () => {
    for (const [answer, reason] of [
      [armError(403, 'AuthorizationFailed'), 'forbidden'],
      [{ status: 503, headers: { 'retry-after': '60' } }, 'throttled'],
      [{ body: { value: 'none' } }, 'invalidAnswer'],
      [list(), 'invalidAnswer'],
    ] as const) {
      const { azure, read } = stage();
      azure.on(VERSIONS, answer);
      azure.on(KEY, { body: { ...keyAnswer(), ...disabledAnswer() } });
      assert.deepEqual(brief(await read(POLICY)), [['2 false'], reason]);
      pinned(azure, OLD);
      azure.on(`${VERSIONS}/${OLD}`, { body: keyAnswer(OLD) });
      assert.deepEqual(brief(await read(POLICY)), [['1 true'], reason]);
    }
  });

  it('is known by that answer where thousands of versions do not come in time', async () => {
    const { azure, reader, clock } = stage();
    azure.on(VERSIONS, { body: { value: [] }, afterMs: 60_000 });
    assert.deepEqual(brief(await clock.drive(reader.begin(2000).read(POLICY))), [['2 true'], 'timeout']);
  });

  it('has the versions that can be read where one item of the list can not', async () => {
    const { azure, read } = stage();
    azure.on(VERSIONS, list(versionItem(OLD), { properties: { attributes: {} } }));
    assert.deepEqual(brief(await read(POLICY)), [['2 true', '1 true'], 'invalidAnswer']);
  });

  it('has the version in use where the list does not name it yet', async () => {
    const { azure, read } = stage();
    azure.on(VERSIONS, list(versionItem(OLD)));
    assert.deepEqual(brief(await read(POLICY)), [['2 true', '1 true'], 'invalidAnswer']);
  });

  it('is disabled in the version in use where that answers KeyDisabled', async () => {
    const { azure, read } = stage();
    azure.on(VERSIONS, armError(503, 'ServiceUnavailable'));
    azure.on(KEY, armError(403, 'KeyDisabled'));
    assert.deepEqual(brief(await read(POLICY, { keyVersions: [CURRENT, OLD] })), [
      ['2 false'],
      'unavailable',
    ]);
    assert.equal((await read(POLICY)).key.state, 'unknown', 'no version is made up');
    pinned(azure, OLD);
    azure.on(`${VERSIONS}/${OLD}`, armError(403, 'KeyDisabled'));
    assert.deepEqual(brief(await read(POLICY)), [['1 false'], 'unavailable']);
  });

  it('is gone where the key itself says so; the 404 of one version proves nothing', async () => {
    const { azure, read } = stage();
    azure.on(VERSIONS, armError(503, 'ServiceUnavailable'));
    azure.on(KEY, armError(404, 'KeyNotFound'));
    assert.equal((await read(POLICY)).key.state, 'gone');
    pinned(azure, OLD);
    azure.on(`${VERSIONS}/${OLD}`, armError(404, 'KeyNotFound'));
    assert.equal((await read(POLICY)).key.state, 'unknown');
  });
});

function disabledAnswer() {
  const { properties } = keyAnswer();
  return { properties: { ...properties, attributes: { ...properties.attributes, enabled: false } } };
}
