import type { Facts, MovedFact } from '../../shared/facts/facts.ts';
import type {
  AdvisoryFinding,
  AdvisoryId,
  OwnSettings,
  Severity,
} from '../../shared/triggers/advisories/advisory.ts';
import type { History } from '../../shared/triggers/history.ts';
import type { NetworkToggle } from '../../shared/triggers/network-toggle.ts';
import {
  BOTH,
  DEFAULT,
  GROUP_GRANT,
  inDays,
  listed,
  PINNED,
  policyReader,
  protection,
  TENANT,
  withGrants,
  withKey,
  withVault,
} from './a-guarded-reading.ts';
import {
  DISABLED,
  daysAgo,
  environment,
  environments,
  gone,
  grant,
  KEY_ID,
  key,
  known,
  memoryOf,
  NOTHING_HELD,
  network,
  POLICY_ID,
  permission,
  policy,
  unread,
  version,
} from './a-reading.ts';

export type Example = [change: Partial<Facts>, told: Told, settings?: OwnSettings, memory?: History];
export type Told = { verdict: AdvisoryFinding['verdict']; severity?: Severity; step?: number; says?: RegExp };
const present = (severity: Severity, says: RegExp, step?: number): Told => ({
  verdict: 'present',
  severity,
  says,
  step,
});
const absent: Told = { verdict: 'absent' };
const unknown: Told = { verdict: 'unknown' };

/** The memory of a vault that was closed so many times; `last` is different in the last one. */
function toggled(times: number, last: Partial<NetworkToggle> = {}): History {
  const memory = memoryOf();
  const toggles = Array.from({ length: times }, (_, n) => ({
    closedAt: daysAgo(6 - n),
    openedAt: daysAgo(5.9 - n),
    ...(n === times - 1 ? last : {}),
  }));
  return memory.network ? { ...memory, network: { ...memory.network, toggles } } : memory;
}

/** The memory of a policy whose principals were counted, and grew from a lower number or not. */
function countedHistory(grew?: { from: number; at: string }): History {
  return { ...memoryOf(), principals: { able: 4, inTwoSteps: 2, at: daysAgo(0.1), ...(grew && { grew }) } };
}
const COUNTED: OwnSettings = { ...BOTH, countsPrincipals: true };
const AT_MOST_ONE: OwnSettings = { ...BOTH, maxEnvironmentsPerPolicy: 1 };

/** The memory of a policy that the environment e3 left so many days ago. */
function leftDaysAgo(days: number): History {
  const left = { id: 'e3', displayName: 'Environment e3', at: daysAgo(days), keyId: KEY_ID };
  return { ...memoryOf(), left: { environments: [left] } };
}

function movedHistory(movedTo: string): History {
  const history = leftDaysAgo(5);
  return {
    ...history,
    left: { environments: (history.left?.environments ?? []).map((one) => ({ ...one, movedTo })) },
  };
}
const movedFact = (part: MovedFact['permission']): MovedFact => ({
  policyId: '/b',
  keyId: KEY_ID.toUpperCase(),
  permission: part,
});

export const EXAMPLES: Record<AdvisoryId, Record<string, Example>> = {
  'key-expiring': {
    'a month ahead': [withKey({ expires: inDays(29.5) }), present('info', /in 29 days/, 30)],
    'exactly 30 days ahead': [withKey({ expires: inDays(30) }), present('info', /in 30 days/, 30)],
    'more than 30 days ahead': [withKey({ expires: inDays(30.1) }), absent],
    'two weeks ahead': [withKey({ expires: inDays(14) }), present('warning', /in 14 days/, 14)],
    'ten days ahead': [withKey({ expires: inDays(10) }), present('warning', /in 10 days/, 14)],
    'a week ahead': [withKey({ expires: inDays(7) }), present('warning', /in 7 days/, 7)],
    'three days ahead': [withKey({ expires: inDays(3) }), present('urgent', /in 3 days/, 3)],
    'a day and a half ahead': [withKey({ expires: inDays(1.5) }), present('urgent', /in 1 day:/, 3)],
    'hours ahead': [withKey({ expires: inDays(0.2) }), present('urgent', /in less than a day/, 1)],
    'expired already: a trigger': [withKey({ expires: inDays(-1) }), { ...absent, says: /key-expired/ }],
    'without an expiry': [withKey({}), absent],
    'an older version alone': [withKey({}, { expires: inDays(3) }), absent],
    'the older version, where the policy names it': [
      { policy: PINNED, ...withKey({}, { expires: inDays(3) }) },
      present('urgent', /version v1 /, 3),
    ],
    'a version that is not there': [{ policy: PINNED, key: known(key(version('v7'))) }, unknown],
    'the key not read': [{ key: unread('throttled') }, { ...unknown, says: /throttled/ }],
    'the key gone': [{ key: gone() }, unknown],
  },
  'expiry-without-rotation': {
    'an end and no rotation': [
      {
        ...withKey({ expires: inDays(300) }),
        protection: protection({ rotation: known({ rotates: false }) }),
      },
      present('warning', /no rotation policy/),
    ],
    'an end and a rotation': [withKey({ expires: inDays(300) }), absent],
    'no end': [{ protection: protection({ rotation: known({ rotates: false }) }) }, absent],
    'a named version, which no rotation replaces': [
      { policy: PINNED, ...withKey({ expires: inDays(300) }) },
      present('warning', /no rotation replaces/),
    ],
    'the rotation not read': [
      { ...withKey({ expires: inDays(300) }), protection: protection({ rotation: unread('timeout') }) },
      { ...unknown, says: /timeout/ },
    ],
    'the rotation not asked for': [{ ...withKey({ expires: inDays(300) }), protection: undefined }, unknown],
    'the key not read': [{ key: unread() }, unknown],
  },
  'soft-delete-missing': {
    off: [withVault({ softDelete: false }), present('urgent', /no soft delete/)],
    on: [withVault({ softDelete: true }), absent],
    'not told': [withVault({ softDelete: undefined }), unknown],
    'the vault not read': [{ vault: unread('forbidden') }, unknown],
    'the vault gone': [{ vault: gone() }, unknown],
  },
  'purge-protection-missing': {
    'not told, which is off': [
      withVault({ purgeProtection: undefined }),
      present('warning', /can also purge/),
    ],
    off: [withVault({ purgeProtection: false }), present('warning', /can also purge/)],
    on: [withVault({ purgeProtection: true }), absent],
    'the vault not read': [{ vault: unread('unavailable') }, unknown],
  },
  'no-delete-lock-on-vault': {
    'no lock': [{ protection: protection({ vaultLocks: known([]) }) }, present('warning', /the vault kv-eu/)],
    'a lock of its group': [{}, { ...absent, says: /keep/ }],
    'the locks not read': [{ protection: protection({ vaultLocks: unread('forbidden') }) }, unknown],
    'the locks not asked for': [{ protection: undefined }, unknown],
  },
  'no-delete-lock-on-policy': {
    'no lock': [{ protection: protection({ policyLocks: known([]) }) }, present('info', /policy cmk-eu/)],
    'a lock of its group': [{}, absent],
    'the locks not read': [{ protection: protection({ policyLocks: unread('timeout') }) }, unknown],
  },
  'trusted-services-bypass-only': {
    'chosen networks and the exception': [
      withVault({ network: network('Enabled', 'Deny', 'AzureServices') }),
      present('info', /chosen networks only/),
    ],
    'the exception by default': [
      withVault({ network: network(undefined, 'Deny', undefined) }),
      present('info', /by nothing else/),
    ],
    'no public access but the exception': [
      withVault({ network: network('Disabled', 'Deny', 'AzureServices') }),
      present('warning', /no public access/),
    ],
    'open to all': [withVault({ network: network('Enabled', 'Allow', 'None') }), absent],
    'shut altogether: a trigger': [withVault({ network: network('Enabled', 'Deny', 'None') }), absent],
    'behind a perimeter: a trigger': [
      withVault({ network: network('SecuredByPerimeter', 'Deny', 'AzureServices') }),
      absent,
    ],
    'settings of a kind not known': [withVault({ network: network('Perhaps', 'Deny', 'None') }), unknown],
    'the vault not read': [{ vault: unread() }, unknown],
  },
  'permission-through-group': {
    'a group alone': [withGrants(GROUP_GRANT), present('warning', /only through a group/)],
    'a group and a grant of its own': [withGrants(GROUP_GRANT, {}), absent],
    'half its own, half a group’s': [
      withGrants({ ...GROUP_GRANT, actions: ['read', 'wrap'] }, { actions: ['unwrap'] }),
      present('warning', /only through a group/),
    ],
    'its own under a condition alone': [withGrants({ condition: 'c' }), absent],
    'revoked: a trigger': [{ permission: known(permission(NOTHING_HELD)) }, absent],
    'an access policy that may be a group’s': [
      {
        permission: known(permission({ ...NOTHING_HELD, model: 'accessPolicies', perhapsGroups: [grant()] })),
      },
      unknown,
    ],
    'the permission not read': [{ permission: unread('forbidden') }, unknown],
  },
  'permission-with-condition-or-time-bound': {
    'under a condition': [withGrants({ condition: 'c' }), present('warning', /under a condition/)],
    'under a condition, beside a plain one': [withGrants({ condition: 'c' }, {}), absent],
    'until a date': [
      { protection: protection({ timeBound: known([{ assignmentId: grant().id, endsAt: inDays(40) }]) }) },
      present('warning', /only until/),
    ],
    'until a date next week': [
      { protection: protection({ timeBound: known([{ assignmentId: grant().id, endsAt: inDays(6) }]) }) },
      present('urgent', /only until/),
    ],
    'until a date, beside one without end': [
      {
        ...withGrants({}, { id: `${grant().id}2` }),
        protection: protection({ timeBound: known([{ assignmentId: grant().id, endsAt: inDays(6) }]) }),
      },
      absent,
    ],
    'an end of somebody else’s': [
      { protection: protection({ timeBound: known([{ assignmentId: '/x', endsAt: inDays(6) }]) }) },
      absent,
    ],
    'access policies': [
      {
        permission: known(permission({ model: 'accessPolicies' })),
        protection: protection({ timeBound: unread('follows') }),
      },
      absent,
    ],
    'revoked: a trigger': [{ permission: known(permission(NOTHING_HELD)) }, absent],
    'the ends not read': [{ protection: protection({ timeBound: unread('notSupported') }) }, unknown],
    'the permission not read': [{ permission: unread() }, unknown],
  },
  'older-version-leaves-28-days': {
    'three days left': [
      withKey({ created: daysAgo(25) }, { created: daysAgo(200) }),
      present('info', /^Until 2026-11-23.* version v1 /),
    ],
    'twenty days left': [withKey({ created: daysAgo(8) }, { created: daysAgo(200) }), absent],
    over: [withKey({ created: daysAgo(29) }, { created: daysAgo(200) }), absent],
    'disabled already: a trigger': [withKey({ created: daysAgo(25) }, { enabled: false }), absent],
    'one version': [withKey({ created: daysAgo(25) }), absent],
    'a named version': [
      { policy: PINNED, ...withKey({ created: daysAgo(25) }, { created: daysAgo(200) }) },
      absent,
    ],
    'since when is not told: counted from the first reading that showed the newer one': [
      withKey({ created: undefined }, { created: undefined }),
      absent,
    ],
    'the key not read': [{ key: unread() }, unknown],
  },
  'unhealthy-without-lock': {
    'Unhealthy from the first reading on': [
      { policy: known(policy({ healthStatus: 'Unhealthy', tenantId: TENANT })) },
      present('warning', /has called itself Unhealthy since/),
      BOTH,
      { policyId: POLICY_ID },
    ],
    'Unhealthy, and every environment disabled: a trigger': [
      {
        policy: known(policy({ healthStatus: 'Unhealthy' })),
        environments: environments([environment('e1', DISABLED)]),
      },
      absent,
      BOTH,
      { policyId: POLICY_ID },
    ],
    Healthy: [{}, absent],
    'a warning': [{ policy: known(policy({ healthStatus: 'Warning' })) }, absent],
    'the policy not read': [{ policy: unread() }, unknown],
  },
  'nobody-can-reenable': {
    'no user and no group': [
      { protection: protection({ policyReaders: known([]) }) },
      present('warning', /nobody could re-enable/),
    ],
    'a user': [{}, absent],
    'a group': [
      { protection: protection({ policyReaders: known([policyReader({ principalType: 'Group' })]) }) },
      absent,
    ],
    'a principal of a type that is not told': [
      { protection: protection({ policyReaders: known([policyReader({ principalType: undefined })]) }) },
      unknown,
    ],
    'the roles not read': [
      { protection: protection({ policyReaders: unread('forbidden') }) },
      { ...unknown, says: /forbidden/ },
    ],
    'the roles not asked for': [{ protection: undefined }, unknown],
  },
  'new-policy-cannot-use-old-key': {
    'the new identity may not use the old key': [
      { protection: protection({ moved: [movedFact(known(permission(NOTHING_HELD)))] }) },
      present('warning', /moved to the policy b, whose identity may not use the old key cmk/),
      BOTH,
      movedHistory('/b'),
    ],
    'the new identity may use it': [
      { protection: protection({ moved: [movedFact(known(permission()))] }) },
      absent,
      BOTH,
      movedHistory('/B'),
    ],
    'an access policy that may be its group’s': [
      {
        protection: protection({
          moved: [movedFact(known(permission({ ...NOTHING_HELD, perhapsGroups: [grant()] })))],
        }),
      },
      unknown,
      BOTH,
      movedHistory('/b'),
    ],
    'the old vault not read': [
      { protection: protection({ moved: [movedFact(unread('forbidden'))] }) },
      { ...unknown, says: /forbidden/ },
      BOTH,
      movedHistory('/b'),
    ],
    'not asked for yet': [{}, unknown, BOTH, movedHistory('/b')],
    'a new policy that can not be identified': [{}, unknown, BOTH, movedHistory('')],
    'one that left for no policy': [{}, absent, BOTH, leftDaysAgo(5)],
    'nobody left': [{}, absent],
    'the list not read': [{ environments: unread('forbidden') }, { ...unknown, says: /forbidden/ }],
  },
  'left-environment-still-needs-key': {
    'an environment that a list shows without the link': [
      { environments: listed([environment('e1')]) },
      present('info', /The environment Environment e2 left .* the key cmk in the vault kv-eu .* 2026-12-20/),
    ],
    'one that is linked to another policy now': [
      {
        environments: listed([environment('e1')], {
          listed: ['e1', 'e2'],
          policyOf: new Map([['e2', '/other']]),
        }),
      },
      present('info', /Environment e2/),
    ],
    'one that the list calls unlinked': [
      { environments: listed([environment('e1'), environment('e2', { linkStatus: 'NotLinked' })]) },
      present('info', /Environment e2/),
    ],
    'both of them': [{ environments: listed([]) }, present('info', /^2 environments left/)],
    'one that left 29 days ago': [{}, present('info', /until 2026-11-21/), BOTH, leftDaysAgo(29)],
    'one that left 31 days ago': [{}, absent, BOTH, leftDaysAgo(31)],
    'one that left, and the list not read now': [
      { environments: unread() },
      present('info', /Environment e3/),
      BOTH,
      leftDaysAgo(5),
    ],
    'one that left, and the policy names another key since': [
      {
        policy: known(policy({ tenantId: TENANT, keyName: 'new' })),
        key: known({ name: 'new', versions: [version('n1')] }),
      },
      present('warning', /no longer uses that key/),
      BOTH,
      leftDaysAgo(5),
    ],
    'one that left and came back': [
      { environments: listed([environment('e1'), environment('E3')]) },
      absent,
      BOTH,
      { policyId: POLICY_ID, left: leftDaysAgo(5).left },
    ],
    'one that vanished: it may be deleted': [
      { environments: listed([environment('e1')], { listed: ['e1'] }) },
      absent,
    ],
    'one that is being unlinked': [
      { environments: listed([environment('e1'), environment('e2', { linkStatus: 'Unlinking' })]) },
      absent,
    ],
    'an inventory that no longer names it': [
      { environments: environments([environment('e1')], 'inventory') },
      unknown,
    ],
    'the list not read': [{ environments: unread('forbidden') }, { ...unknown, says: /forbidden/ }],
  },
  'many-environments-on-policy': {
    'more than the limit': [{}, present('info', /2 environments .* the limit is 1/), AT_MOST_ONE],
    'as many as the limit': [{}, absent, { ...BOTH, maxEnvironmentsPerPolicy: 2 }],
    'one that is no longer linked': [
      { environments: listed([environment('e1'), environment('e2', { linkStatus: 'NOTLINKED' })]) },
      absent,
      AT_MOST_ONE,
    ],
    'no limit': [{}, { ...absent, says: /No limit is set/ }],
    'no list': [{ environments: unread('forbidden') }, { ...unknown, says: /forbidden/ }, AT_MOST_ONE],
  },
  'more-principals-can-lock': {
    'more than before': [
      {},
      present('info', /6 principals .* it was 5/),
      COUNTED,
      countedHistory({ from: 5, at: daysAgo(1) }),
    ],
    'as many as before': [{}, absent, COUNTED, countedHistory()],
    'not counted yet': [{}, unknown, COUNTED],
    'not counted at all': [{}, { verdict: 'unknown', says: /not counted by this process/ }],
  },
  'policy-without-environments': {
    'a complete list without a link': [
      { environments: listed([]) },
      present('info', /may still encrypt tenant-wide platform apps data/),
      BOTH,
      { policyId: POLICY_ID },
    ],
    'a complete list in which the one environment is no longer linked': [
      { environments: listed([environment('e1', { linkStatus: 'notlinked' })]) },
      present('info', /No environment is linked/),
      BOTH,
      { policyId: POLICY_ID },
    ],
    'a linked environment': [{}, absent],
    'an environment that is being unlinked': [
      { environments: listed([environment('e1', { linkStatus: 'Unlinking' })]) },
      absent,
    ],
    'a list that is not known to be complete': [{ environments: environments([]) }, unknown],
    'an inventory that names none': [{ environments: environments([], 'inventory') }, unknown],
    'a member that vanished from the list': [
      { environments: listed([], { listed: ['e3'] }) },
      { ...unknown, says: /vanished/ },
    ],
    'the list not read': [{ environments: unread('forbidden') }, { ...unknown, says: /forbidden/ }],
    'the policy not read': [{ policy: unread(), environments: listed([]) }, unknown],
  },
  'vault-toggled-regularly': {
    'closed three times in a week': [{}, present('info', /at least 3 times in 7 days/), BOTH, toggled(3)],
    'closed twice': [{}, absent, BOTH, toggled(2)],
    'closed three times, one of them with an effect': [{}, absent, BOTH, toggled(3, { hadEffect: true })],
    'closed three times, the last ones 8 days ago': [
      {},
      absent,
      BOTH,
      toggled(3, { closedAt: daysAgo(8), openedAt: daysAgo(7.9) }),
    ],
    'the vault not read': [{ vault: unread() }, unknown, BOTH, toggled(3)],
  },
  'own-secret-in-watched-vault': {
    'in this vault': [{}, present('warning', /kv-eu/), { ...BOTH, secretVaults: ['other', 'KV-EU'] }],
    'in another vault': [{}, absent, { ...BOTH, secretVaults: ['kv-eu2'] }],
    'in no vault': [{}, absent, { ...BOTH, secretVaults: [] }],
    'nobody named': [{}, { ...unknown, says: /LOCKWATCH_SECRET_VAULTS/ }, { channels: ['email'] }],
  },
  'teams-only-channel': {
    'Teams alone': [{}, present('warning', /only channel/), { channels: ['teams'] }],
    'Teams alone, environments not read': [
      { environments: unread() },
      present('warning', /only channel/),
      { channels: ['teams'] },
    ],
    'Teams alone, and the default environment is here': [
      { environments: environments(DEFAULT) },
      present('urgent', /goes down with what it should tell of.*|Contoso \(default\)/),
      { channels: ['Teams'] },
    ],
    'two channels, and the default environment is here': [
      { environments: environments(DEFAULT) },
      present('info', /The other channels stay/),
    ],
    'two channels': [{}, absent],
    'a default environment that is not linked': [
      { environments: environments([environment('e9', { sku: 'Default', linkStatus: 'NotLinked' })]) },
      absent,
    ],
    'email alone': [{ environments: environments(DEFAULT) }, absent, { channels: ['email'] }],
  },
};
