import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { policyKey } from '../../shared/incidents/ids.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { onTimer } from '../../shared/pipeline/watchdog.ts';
import { DRILL_PARTITION } from '../../shared/storage/drill-partition.ts';
import type { StoredRow } from '../../shared/storage/table-port.ts';
import { currentGaps } from '../../shared/visibility/next-visibility.ts';
import { get, post } from '../api/actions/post.ts';
import { environment, known } from '../triggers/a-reading.ts';
import { aWorld, policyId, VAULT_GONE, vaultEvent, type World } from './a-world.ts';

const observedStateOf = (world: World, name: string, facts: object) =>
  world.observedState.set(policyId(name).toLowerCase(), facts);
const reasons = (world: World) => world.channels.map(({ sent }) => sent.map(({ reason }) => reason));
const gapsOf = (world: World, reason = 'visibilityLost') =>
  world.channels[0]?.sent
    .filter((one) => one.reason === reason)
    .flatMap(({ visibility }) => visibility?.gaps ?? []);
const about = (world: World, name: string, reason: string) =>
  world.channels.map(
    ({ sent }) =>
      sent.filter(
        (one) =>
          one.reason === reason && one.incidents.some(({ incident }) => incident.policyId === policyId(name)),
      ).length,
  );

function rowOf(world: World, name: string, rowKey: string | RegExp): StoredRow {
  const row = rowsOf(world, policyKey(policyId(name)), rowKey)[0];
  assert.ok(row, `${name} has no row ${rowKey}`);
  return row;
}
function rowsOf(world: World, partition: string, rowKey: string | RegExp): StoredRow[] {
  return world.tables.policies
    .rows()
    .filter((row) => row.partitionKey === partition)
    .filter((row) => (typeof rowKey === 'string' ? row.rowKey === rowKey : rowKey.test(row.rowKey ?? '')));
}

async function sweeps(world: World, count: number, everyMs = 30_000): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await world.clock.advance(everyMs);
    await world.clock.drive(onTimer(world.ports));
  }
}

/** `/api/health` of a process that has read no head itself: what the last sweep told. */
async function healthAsTold(world: World) {
  const { visibility } = await world.ports.visibility.read();
  return { currentGaps: currentGaps(visibility) };
}

/** What may become of any row that holds JSON. */
const DAMAGE: Record<string, (row: StoredRow) => void> = {
  'whose JSON is cut off': (row) => {
    row.json = String(row.json).slice(0, 40);
  },
  'that is empty': (row) => {
    delete row.json;
  },
  'of another schema': (row) => {
    row.json = JSON.stringify({ ...JSON.parse(String(row.json)), state: 7, findings: {}, at: 3 });
  },
  'of a later version': (row) => {
    row.schemaVersion = 2;
  },
};

describe('a head that can not be read', () => {
  const damages = Object.entries<(row: StoredRow) => void>({
    ...DAMAGE,
    'without any column': (row) => {
      for (const name of Object.keys(row)) if (!/^(etag|partitionKey|rowKey)$/.test(name)) delete row[name];
    },
    'of which rows are missing': (row) => {
      row.membersRows = 2;
    },
    'of another policy': (row) => {
      row.json = String(row.json).replaceAll('enterprisePolicies/p1', 'enterprisePolicies/p9');
    },
    'in which something deep down is wrong': (row) => {
      const policyState = JSON.parse(String(row.json));
      policyState.history.key.versions = 'none';
      row.json = JSON.stringify(policyState);
    },
  });
  for (const [how, damage] of damages)
    it(`${how} is named and left as it is; its policy is watched, and so are all others`, async () => {
      const world = aWorld(['p1', 'p2']);
      await sweeps(world, 2);
      const row = rowOf(world, 'p1', 'state');
      damage(row);
      const left = structuredClone(row);
      await sweeps(world, 2);
      const [gap, ...others] = gapsOf(world) ?? [];
      assert.deepEqual(others, []);
      assert.match(gap?.text ?? '', /^The state of (policy p1|a policy) goes on in another row/);
      assert.ok(
        gap?.text.includes(`Table policies, PartitionKey ${row.partitionKey}, RowKey state can't be read`),
      );
      const command = `az storage entity delete --account-name '<storage account>' --table-name 'policies' --partition-key '${row.partitionKey}' --row-key 'state' --auth-mode login`;
      assert.ok(gap?.remediation.endsWith(command), gap?.remediation);

      // By an event, and by the sweep alone.
      observedStateOf(world, 'p1', VAULT_GONE);
      observedStateOf(world, 'p2', VAULT_GONE);
      await respond(vaultEvent({ at: world.clock.now() }), world.ports);
      assert.deepEqual(
        [about(world, 'p1', 'opened'), about(world, 'p2', 'opened')],
        [
          [1, 1],
          [1, 1],
        ],
      );
      observedStateOf(world, 'p1', {});
      await sweeps(world, 5, 300_000);
      assert.deepEqual(about(world, 'p1', 'closed'), [1, 1]);
      observedStateOf(world, 'p1', VAULT_GONE);
      await sweeps(world, 1);
      assert.deepEqual(about(world, 'p1', 'opened'), [2, 2]);
      assert.deepEqual(rowOf(world, 'p1', 'state'), left);

      const { json } = await get(world, '/health');
      assert.equal(json.status, 'degraded');
      assert.deepEqual(json.unreadableRows[0].command, command);
      const asked = await healthAsTold(world);
      assert.ok(
        asked.currentGaps.some(({ remediation }: { remediation: string }) => remediation.endsWith(command)),
      );
      world.tables.policies.deleteRow(row.partitionKey ?? '', 'state');
      await sweeps(world, 1);
      assert.equal(gapsOf(world, 'visibilityRestored')?.length, 1);
      assert.deepEqual((await get(world, '/health')).json.unreadableRows, []);
      assert.equal(
        (await world.ports.store.readPolicyState(policyId('p1')))?.policyState.incident?.sequence,
        2,
      );
    });

  it('does not end an open incident, nor begin it again: acts, reminders and its end go on', async () => {
    const world = aWorld(['p1', 'p2']);
    await sweeps(world, 1);
    observedStateOf(world, 'p1', VAULT_GONE);
    await sweeps(world, 1);
    const id = (await world.ports.store.readPolicyState(policyId('p1')))?.policyState.incident?.id;
    rowOf(world, 'p1', 'state').json = '{';
    const acted = await post(world, `/incidents/${id}/acknowledge`, { why: 'mine' });
    assert.equal(acted.json.acknowledged.why, 'mine');
    await sweeps(world, 2);
    assert.deepEqual(
      [about(world, 'p1', 'opened'), about(world, 'p1', 'worsened')],
      [
        [1, 1],
        [0, 0],
      ],
    );
    const shown = await get(world, `/incidents/${id}`);
    assert.deepEqual([shown.json.state, shown.json.environmentCount], ['revoked', 2]);
    observedStateOf(world, 'p1', {});
    await sweeps(world, 5, 300_000);
    assert.deepEqual(about(world, 'p1', 'closed'), [1, 1]);
    assert.equal((await get(world, `/incidents/${id}`)).json.state, 'closed');
  });

  it('never lets a new incident take the rows of an earlier one', async () => {
    const world = aWorld();
    await sweeps(world, 1);
    observedStateOf(world, 'p1', VAULT_GONE);
    await sweeps(world, 1);
    observedStateOf(world, 'p1', {});
    await sweeps(world, 5, 300_000);
    rowOf(world, 'p1', 'state').schemaVersion = 2;
    const earlier = rowOf(world, 'p1', /^incident\|/);
    earlier.schemaVersion = 2;
    const left = structuredClone(earlier);
    observedStateOf(world, 'p1', VAULT_GONE);
    await sweeps(world, 2);
    assert.deepEqual(about(world, 'p1', 'opened'), [2, 2]);
    assert.deepEqual(rowOf(world, 'p1', /^incident\|.*-1$/), left);
    assert.ok(rowOf(world, 'p1', /^incident\|.*-2$/));
  });

  it('after a roll-back of many policies makes one notice that names some and counts the rest', async () => {
    const names = Array.from({ length: 40 }, (_, n) => `p${n}`);
    const world = aWorld(names);
    await sweeps(world, 2);
    for (const row of world.tables.policies.rows()) if (row.rowKey !== 'visibility') row.schemaVersion = 2;
    observedStateOf(world, 'p7', VAULT_GONE);
    await sweeps(world, 2);
    const [notice] = world.channels[1]?.sent.filter(({ reason }) => reason === 'visibilityLost') ?? [];
    assert.equal(notice?.visibility?.gaps.length, 11);
    assert.match(notice?.visibility?.gaps.at(-1)?.text ?? '', /^30 more stored rows can't be read/);
    assert.deepEqual(about(world, 'p7', 'opened'), [1, 1]);
  });

  it('of the drill does not keep a drill from being played', async () => {
    const world = aWorld();
    await sweeps(world, 1);
    assert.equal((await post(world, '/drill')).json.ok, true);
    for (const row of rowsOf(world, DRILL_PARTITION, 'state')) row.json = '{';
    await world.clock.advance(120_000);
    const again = await post(world, '/drill');
    assert.deepEqual([again.status, again.json.ok], [200, true]);
    assert.match(again.json.incidentId, /-2$/);
  });
});

describe('what is said of an unreadable row', () => {
  it('fits the notice whole: the command can be copied from it', async () => {
    const world = aWorld(['p1']);
    await sweeps(world, 1);
    rowOf(world, 'p1', 'state').json = '{';
    await sweeps(world, 1);
    const [notice] = world.channels[0]?.sent ?? [];
    assert.ok(notice);
    const links = {
      adminCenterUrl: 'https://admin.powerplatform.microsoft.com',
      portalUrl: 'https://portal.azure.com',
    };
    const { text } = emailContent(say(notice, links));
    assert.match(text, /--row-key 'state' --auth-mode login/);
  });
});

describe('a pending notice that can not be read', () => {
  for (const [how, damage] of Object.entries(DAMAGE))
    it(`${how} keeps no other from being sent, and is named`, async () => {
      const world = aWorld(['p1']);
      await sweeps(world, 1);
      for (const channel of world.channels)
        channel.answers.push({ outcome: 'failed', permanent: false, detail: 'HTTP 503' });
      observedStateOf(world, 'p1', VAULT_GONE);
      await sweeps(world, 1);
      assert.deepEqual(reasons(world), [[], []]);
      const row = rowOf(world, 'p1', /^notice\|.*\|email$/);
      row.json ??= '';
      damage(row);
      const left = structuredClone(row);
      await sweeps(world, 3);
      assert.deepEqual(about(world, 'p1', 'opened'), [1, 0]);
      const [gap] = world.channels[1]?.sent[0]?.visibility?.gaps ?? [];
      assert.match(gap?.text ?? '', /^A notice on email about [0-9a-f]{20}-1 is not sent; the others are\./);
      assert.ok(gap?.remediation.includes(`--row-key '${row.rowKey}'`));
      assert.ok((gap?.remediation.length ?? 0) <= 400 && (gap?.text.length ?? 0) <= 400);
      assert.deepEqual(rowOf(world, 'p1', /^notice\|.*\|email$/), left);
    });
});

describe('what is remembered of a channel and can not be read', () => {
  const damages: Record<string, (row: StoredRow) => void> = {
    'is of a later version': (row) => {
      row.schemaVersion = 2;
    },
    'ends its pause at no time': (row) => {
      row.openUntil = 'never';
    },
    'counts in words': (row) => {
      row.failures = 'many';
    },
  };
  for (const [how, damage] of Object.entries(damages))
    it(`since it ${how}, keeps no notice from being sent, and is named`, async () => {
      const world = aWorld(['p1']);
      await sweeps(world, 1);
      observedStateOf(world, 'p1', VAULT_GONE);
      await sweeps(world, 1);
      const [row] = rowsOf(world, 'channels', 'channel|teams');
      assert.ok(row);
      damage(row);
      const left = structuredClone(row);
      world.ports = world.restart();
      await world.clock.advance(15 * 60_000);
      await sweeps(world, 2);
      assert.deepEqual(about(world, 'p1', 'reminder'), [1, 1]);
      assert.match(
        gapsOf(world)?.[0]?.text ?? '',
        /^How teams last worked is not known; notices are sent there\./,
      );
      assert.deepEqual(rowsOf(world, 'channels', 'channel|teams'), [left]);
    });
});

describe('a row of the read model that can not be read', () => {
  const damages: Record<string, (row: StoredRow) => void> = {
    'is damaged': (row) => {
      row.zip0 = new Uint8Array([1, 2, 3]);
    },
    'is damaged and says it is newer': (row) => {
      row.zip0 = new Uint8Array([1, 2, 3]);
      row.readAt = '2999-01-01T00:00:00.000Z';
    },
    'says that it has more parts': (row) => {
      row.count = 'three';
    },
  };
  for (const [how, damage] of Object.entries(damages))
    it(`since it ${how}, is written again by the next sweep`, async () => {
      const world = aWorld(['p1', 'p2']);
      await sweeps(world, 2);
      const row = world.tables.readModel.rows().find(({ policyId: id }) => id === policyId('p1'));
      assert.ok(row);
      damage(row);
      assert.deepEqual(
        (await world.ports.readModel.read()).map(({ name }) => name),
        ['p2'],
      );
      await sweeps(world, 1);
      assert.equal((await world.ports.readModel.read()).length, 2);
      assert.deepEqual(reasons(world), [[], []]);
    });

  it('and a heartbeat that holds no time does not keep the sweep from being missed', async () => {
    const world = aWorld(['p1']);
    await sweeps(world, 2);
    const row = world.tables.readModel.rows().find(({ partitionKey }) => partitionKey === 'heartbeat');
    assert.ok(row);
    Object.assign(row, { sweepFinishedAt: 'once', timerAt: 'once', leaseUntil: 'always', messageAt: 7 });
    assert.deepEqual((await get(world, '/health')).json.sweep.isSilent, true);
    const reads = world.reads.length;
    await sweeps(world, 1);
    assert.ok(world.reads.length > reads);
    assert.deepEqual((await get(world, '/health')).json.sweep.isSilent, false);
  });
});

describe('rows of an incident that can not be read', () => {
  async function locked(): Promise<{ world: World; id: string }> {
    const world = aWorld(['p1', 'p2']);
    await sweeps(world, 1);
    observedStateOf(world, 'p1', VAULT_GONE);
    observedStateOf(world, 'p2', VAULT_GONE);
    await sweeps(world, 1);
    const id = (await world.ports.store.readPolicyState(policyId('p1')))?.policyState.incident?.id ?? '';
    return { world, id };
  }
  for (const kind of ['environment', 'timeline', 'notice'])
    for (const [how, damage] of Object.entries(DAMAGE))
      it(`a row '${kind}' ${how} is left out of its answer and named there; the rest is shown`, async () => {
        const { world, id } = await locked();
        const whole = (await get(world, `/incidents/${id}`)).json;
        damage(rowOf(world, 'p1', new RegExp(`^${kind}\\|`)));
        const { status, json } = await get(world, `/incidents/${id}`);
        assert.equal(status, 200);
        const count = (of: typeof json) => of.environments.length + of.timeline.length + of.notices.length;
        assert.equal(count(json), count(whole) - 1);
        assert.match(json.unreadableRows[0].rowKey, new RegExp(`^${kind}\\|`));
        assert.match(json.unreadableRows[0].command, /^az storage entity delete/);
        assert.equal((await get(world, '/health')).json.unreadableRows.length, 1);
        await sweeps(world, 2);
        assert.deepEqual(about(world, 'p1', 'opened'), [1, 1]);
      });

  it('an open incident is answered from the head, and can be acted on', async () => {
    const { world, id } = await locked();
    rowOf(world, 'p1', /^incident\|/).json = '{';
    assert.equal((await get(world, `/incidents/${id}`)).json.state, 'revoked');
    assert.equal((await get(world, '/incidents')).json.incidents.length, 2);
    assert.equal((await post(world, `/incidents/${id}/acknowledge`, {})).status, 200);
  });

  it('one that is over is missing in the list, which names it and shows the others, and its own address says why', async () => {
    const { world, id } = await locked();
    observedStateOf(world, 'p1', {});
    await sweeps(world, 5, 300_000);
    for (const damage of [
      (row: StoredRow) => {
        row.json = '{';
      },
      (row: StoredRow) => {
        row.openedAt = 'once';
      },
    ]) {
      const row = rowOf(world, 'p1', /^incident\|/);
      const before = structuredClone(row);
      damage(row);
      const list = (await get(world, '/incidents')).json;
      assert.deepEqual(
        list.incidents.map(({ policyId: of }: { policyId: string }) => of),
        [policyId('p2')],
      );
      assert.equal(list.unreadableRows[0].rowKey, `incident|${id}`);
      Object.assign(row, before);
    }
    rowOf(world, 'p1', /^incident\|/).json = '{';
    const { status, json } = await get(world, `/incidents/${id}`);
    assert.equal(status, 500);
    assert.match(json.detail, /its JSON is damaged.*az storage entity delete/);
    assert.equal((await post(world, `/incidents/${id}/acknowledge`, {})).status, 500);
  });

  it('a list of environments of which it can not be determined how far it was written is written whole', async () => {
    const { world, id } = await locked();
    const progress = rowOf(world, 'p1', 'state|environments');
    Object.assign(progress, { done: false, json: '{', readAt: 'once' });
    world.tables.policies.deleteRow(
      progress.partitionKey ?? '',
      rowOf(world, 'p1', /^environment\|/).rowKey ?? '',
    );
    await sweeps(world, 2);
    assert.equal((await get(world, `/incidents/${id}`)).json.environments.length, 2);
    assert.equal(gapsOf(world)?.length ?? 0, 1);
    assert.equal((await get(world, '/health')).json.unreadableRows.length, 0);
  });
});

describe('a lease of a group of notices that is not what it was', () => {
  it('does not keep the group from being sent', async () => {
    const world = aWorld(['p1', 'p2']);
    await sweeps(world, 1);
    observedStateOf(world, 'p1', VAULT_GONE);
    observedStateOf(world, 'p2', VAULT_GONE);
    await sweeps(world, 1);
    for (const row of world.tables.policies.rows())
      if (row.rowKey?.startsWith('lease|')) Object.assign(row, { until: 'always', sentAt: 7, messageId: {} });
    await world.clock.advance(15 * 60_000);
    await sweeps(world, 1);
    assert.deepEqual(
      [about(world, 'p1', 'reminder'), about(world, 'p2', 'reminder')],
      [
        [1, 1],
        [1, 1],
      ],
    );
  });
});

describe('answers of Azure that are longer than any row', () => {
  const noise = (characters: number) =>
    randomBytes(Math.ceil(characters * 0.75))
      .toString('base64')
      .slice(0, characters);
  it('do not keep a lock from being reported, nor its incident from being read and ended', async () => {
    const world = aWorld(['p1', 'p2']);
    await sweeps(world, 1);
    const environments = Array.from({ length: 150 }, (_, n) =>
      environment(`long-${n}`, { displayName: noise(20_000) }),
    );
    const asOf = world.clock.now();
    const list = known({ source: 'powerPlatform' as const, asOf, environments }, asOf);
    observedStateOf(world, 'p1', {
      ...VAULT_GONE,
      vault: { state: 'gone', detail: noise(900_000), readAt: asOf },
      environments: list,
    });
    observedStateOf(world, 'p2', VAULT_GONE);
    await sweeps(world, 2);
    const opened = (name: string) => about(world, name, 'opened');
    assert.deepEqual(
      [opened('p1'), opened('p2')],
      [
        [1, 1],
        [1, 1],
      ],
    );
    const id = (await world.ports.store.readPolicyState(policyId('p1')))?.policyState.incident?.id;
    const shown = (await get(world, `/incidents/${id}`)).json;
    assert.equal(shown.environments.length, 150);
    assert.equal(shown.environmentCount, 150);
    observedStateOf(world, 'p1', { environments: list });
    await sweeps(world, 2);
    assert.deepEqual(about(world, 'p1', 'accessRestored'), [1, 1]);
  });
});
