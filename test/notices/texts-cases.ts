import type { Incident } from '../../shared/incidents/incident.ts';
import { earliestRecoverBy } from '../../shared/incidents/recover-by.ts';
import type { Notice, NoticeIncident } from '../../shared/notices/notice.ts';
import type { Finding } from '../../shared/triggers/finding.ts';
import { openNetworkSteps } from '../../shared/triggers/network-change.ts';
import { network } from '../triggers/a-reading.ts';
import { tripped } from '../triggers/tripped.ts';
import {
  aNotice,
  anEnvironment,
  anIncident,
  causeOf,
  OPENED_AT,
  subjectOfPolicy,
  VAULT,
  vaultDeleted,
} from './a-notice.ts';
import { lockedFinding } from './locked-findings.ts';

/** One example for every reason and situation: the texts that a person reviews, and the pictures, are made of them. */
const SALES = anEnvironment(1, { displayName: 'Contoso Sales' });
const TEST = anEnvironment(2, {
  displayName: 'Contoso Test',
  sku: 'Sandbox',
  deletedAt: '2025-11-30T02:13:52.000Z',
});
const DEFAULT = anEnvironment(3, {
  displayName: 'Contoso (default)',
  sku: 'Default',
  deletedAt: '2025-11-30T02:13:52.000Z',
  deletionIsGuess: true,
});
const NAMED = [SALES, TEST, DEFAULT];
const WAITING = NAMED.map((environment) => ({ ...environment, state: 'awaitingReEnable' as const }));
const RESTORED: Partial<Incident> = {
  state: 'accessRestored',
  accessRestoredAt: '2025-11-23T03:20:00.000Z',
};
const ANN = { name: 'ann@contoso.com', id: '77777777-8888-7777-6666-555555555555' };
const TAKEN = { by: ANN, at: '2025-11-23T02:31:00.000Z', why: 'I am calling the key vault team' };
const EVE = {
  kind: 'user' as const,
  name: 'eve@contoso.com',
  objectId: '99999999-8888-7777-6666-555555555555',
  ipAddress: '203.0.113.7',
};
const NETWORK: Finding = {
  trigger: 'public-access-disabled',
  verdict: 'suspected',
  summary:
    "The vault's public access is disabled and trusted services may still pass: the documentation calls this supported on one page and a lock on another.",
  evidence: [
    { text: 'Key vault: publicNetworkAccess = Disabled, bypass = AzureServices', readAt: OPENED_AT },
  ],
  remediation: openNetworkSteps(subjectOfPolicy('ep-contoso'), network('Disabled', 'Deny', 'AzureServices')),
  scope: VAULT,
};
const SUSPECTED: Partial<Incident> = {
  state: 'suspected',
  environmentsSource: 'inventory',
  environmentsAsOf: '2025-11-20T08:00:00.000Z',
  causes: [causeOf(NETWORK)],
};

function contoso(changes: Partial<Incident> = {}, environments = NAMED): NoticeIncident {
  const { openedAt = OPENED_AT, causes = [] } = changes;
  const left = environments.filter(({ state }) => state !== 'deleted');
  const deadline = left.length === 0 ? {} : earliestRecoverBy({ openedAt }, causes, left);
  return anIncident('ep-contoso', { ...deadline, ...changes }, environments);
}

function because(one: NoticeIncident, text: string): NoticeIncident {
  return { ...one, because: text };
}

function afterwards(hours: number): { at: string } {
  return { at: new Date(Date.parse(OPENED_AT) + hours * 3_600_000).toISOString() };
}

function beforeDeadline(hours: number): { at: string } {
  return { at: new Date(Date.parse('2025-11-30T02:13:52.000Z') - hours * 3_600_000).toISOString() };
}

/** Nothing is known to be lost by a date. */
const UNREACHABLE: Partial<Incident> = { noEnvironments: true, recoverBy: '', recoverByBecause: '' };
const LOCKED = lockedFinding(NAMED, 'Unhealthy');
const MAYBE_LOCKED = lockedFinding(NAMED, 'Healthy');
const ONE_DISABLED = lockedFinding([SALES], 'Healthy');

const SILENCE_ENDED = 'The silence that ann@contoso.com asked for ended at 2025-11-23T08:00:00.000Z.';

export const CASES: Record<string, Notice> = {
  opened: aNotice('opened', [contoso()]),
  'opened-network-closed': aNotice('opened', [
    contoso({ causes: (tripped('key-disabled', 'disabled') ?? []).map(causeOf) }),
  ]),
  suspected: aNotice('suspected', [contoso(SUSPECTED, [SALES, TEST])]),
  confirmed: aNotice(
    'confirmed',
    [contoso({ actor: EVE, actedAt: '2025-11-23T02:13:40.000Z', acknowledged: TAKEN })],
    afterwards(0.5),
  ),
  worsened: aNotice(
    'worsened',
    ['ep-contoso', 'ep-fabrikam'].map((name, index) =>
      because(
        anIncident(
          name,
          {
            causes: [causeOf(vaultDeleted(name))],
            actedAt: '2025-11-23T02:13:40.000Z',
            actor: EVE,
          },
          index === 0 ? [SALES, TEST] : [anEnvironment(9, { displayName: 'Fabrikam HR' })],
        ),
        'The key vault kv-contoso that holds the key is deleted.',
      ),
    ),
  ),
  'worsened-relapse': aNotice(
    'worsened',
    [
      because(
        contoso({ lockedSince: '2025-11-23T05:40:00.000Z', accessRestoredAt: undefined }),
        'Access is lost again while this incident is still open: The key cmk is disabled: none of its versions is enabled.',
      ),
    ],
    { at: '2025-11-23T05:40:02.000Z' },
  ),
  'locked-suspected': aNotice('suspected', [
    contoso({ state: 'suspected', causes: [causeOf(MAYBE_LOCKED)] }),
  ]),
  'locked-suspected-one': aNotice('suspected', [
    contoso({ state: 'suspected', causes: [causeOf(ONE_DISABLED)] }, [SALES]),
  ]),
  'locked-revoked': aNotice('opened', [contoso({ causes: [causeOf(LOCKED)] })]),
  'late-lock': aNotice(
    'worsened',
    [
      because(
        contoso(RESTORED, WAITING),
        'The lock shows only now: after access came back, Power Platform shows 3 environments disabled and none running. Enable each again.',
      ),
    ],
    { at: '2025-11-23T03:26:00.000Z' },
  ),
  'deleted-environment': aNotice(
    'worsened',
    [
      because(
        contoso({}, [
          SALES,
          {
            ...TEST,
            state: 'deleted',
            deletedAt: '2025-11-25T07:00:00.000Z',
            recoverableUntil: '2025-12-02T07:00:00.000Z',
          },
          DEFAULT,
        ]),
        'Deleted during this incident: Contoso Test. Recover it within 7 days of its deletion.',
      ),
    ],
    { at: '2025-11-25T07:01:00.000Z' },
  ),
  'key-unreachable': aNotice('keyUnreachable', [
    contoso({ ...UNREACHABLE, causes: [causeOf(vaultDeleted('ep-contoso'))] }, []),
  ]),
  'key-unreachable-suspected': aNotice('keyUnreachable', [
    contoso({ ...SUSPECTED, ...UNREACHABLE, environmentsSource: 'powerPlatform' }, []),
  ]),
  'reminder-asked-to-close': aNotice(
    'reminder',
    [
      because(
        contoso({ askedToCloseAt: '2025-11-27T02:14:00.000Z' }),
        'For a day no list has shown the environments of this incident, and Lockwatch may not see all environments of the tenant.',
      ),
    ],
    { at: '2025-11-27T02:14:01.000Z' },
  ),
  eased: aNotice('eased', [contoso({ causes: [causeOf(vaultDeleted('ep-contoso'))] })], afterwards(2)),
  'reminder-suspected': aNotice(
    'reminder',
    [because(contoso(SUSPECTED, [SALES, TEST]), 'The suspicion still stands.')],
    afterwards(1),
  ),
  'reminder-revoked': aNotice('reminder', [because(contoso(), 'Access is still lost.')], afterwards(4)),
  'reminder-restored': aNotice(
    'reminder',
    [because(contoso({ ...RESTORED, acknowledged: TAKEN }, WAITING), 'Access is back.')],
    afterwards(28),
  ),
  'reminder-restored-inventory': aNotice(
    'reminder',
    [
      because(
        contoso(
          { ...RESTORED, environmentsSource: 'inventory' },
          NAMED.map((environment) => ({ ...environment, state: 'unknown' })),
        ),
        'Access is back.',
      ),
    ],
    afterwards(28),
  ),
  'reminder-restored-nothing-known': aNotice(
    'reminder',
    [because(contoso(RESTORED, []), 'Access is back.')],
    afterwards(28),
  ),
  'reminder-silence-ended': aNotice(
    'reminder',
    [because(contoso(), `${SILENCE_ENDED} Access is still lost.`)],
    { at: '2025-11-23T08:00:20.000Z' },
  ),
  'reminder-after-flapping': aNotice(
    'reminder',
    [
      because(
        contoso({ lockedSince: '2025-11-23T05:40:00.000Z' }),
        'Access came and went; it has stayed like this for 10 minutes. Access is still lost.',
      ),
    ],
    { at: '2025-11-23T05:50:00.000Z' },
  ),
  'deadline-7-days': aNotice('deadline', [contoso()], beforeDeadline(167.9)),
  'deadline-3-days': aNotice(
    'deadline',
    [
      contoso({
        acknowledged: TAKEN,
        supportCase: { number: '2511230010001234', by: ANN, at: '2025-11-23T09:05:00.000Z' },
      }),
    ],
    beforeDeadline(72),
  ),
  'deadline-1-day': aNotice(
    'deadline',
    [
      contoso({
        silence: {
          from: '2025-11-28T08:00:00.000Z',
          until: '2025-12-01T08:00:00.000Z',
          by: ANN,
          why: 'the vault is being moved',
          at: '2025-11-28T07:55:00.000Z',
        },
      }),
    ],
    beforeDeadline(24),
  ),
  'deadline-1-hour': aNotice('deadline', [contoso()], beforeDeadline(1)),
  'deadline-past': aNotice('deadline', [contoso()], beforeDeadline(-1)),
  'deadline-restored': aNotice(
    'deadline',
    [
      contoso(
        RESTORED,
        [TEST, DEFAULT].map((environment) => ({ ...environment, state: 'awaitingReEnable' })),
      ),
    ],
    beforeDeadline(24),
  ),
  'access-restored': aNotice(
    'accessRestored',
    [
      contoso(RESTORED, [
        { ...SALES, state: 'awaitingReEnable' },
        { ...TEST, state: 'enabled' },
        anEnvironment(4, { displayName: 'Contoso Dev', sku: 'Developer', state: 'unknown' }),
      ]),
    ],
    { at: '2025-11-23T03:20:01.000Z' },
  ),
  'access-restored-provisional': aNotice(
    'accessRestored',
    [contoso({ ...RESTORED, provisionalUntil: '2025-11-23T03:29:00.000Z' }, WAITING)],
    { at: '2025-11-23T03:20:01.000Z' },
  ),
  'closed-by-itself': aNotice(
    'closed',
    [
      contoso(
        { ...RESTORED, state: 'closed', closedAt: '2025-11-23T06:00:00.000Z' },
        NAMED.map((environment) => ({ ...environment, state: 'enabled' })),
      ),
    ],
    { at: '2025-11-23T06:00:01.000Z' },
  ),
  'closed-with-some-gone': aNotice(
    'closed',
    [
      contoso(
        { ...RESTORED, state: 'closed', closedAt: '2025-11-23T06:00:00.000Z', environmentsLeft: [TEST.id] },
        [
          { ...SALES, state: 'enabled' },
          { ...TEST, state: 'unknown' },
        ],
      ),
    ],
    { at: '2025-11-23T06:00:01.000Z' },
  ),
  'closed-by-a-person': aNotice(
    'closed',
    [
      contoso(
        {
          ...RESTORED,
          state: 'closed',
          closedAt: '2025-11-24T09:00:00.000Z',
          closedBy: { by: ANN, why: 'Sales works again; the two others will be deleted' },
          supportCase: { number: '2511230010001234', by: ANN, at: '2025-11-23T09:05:00.000Z' },
        },
        [
          { ...SALES, state: 'enabled' },
          { ...TEST, state: 'awaitingReEnable' },
          { ...DEFAULT, state: 'unknown' },
        ],
      ),
    ],
    { at: '2025-11-24T09:00:01.000Z' },
  ),
  'closed-while-it-stands': aNotice(
    'closed',
    [
      contoso(
        {
          state: 'closed',
          closedAt: '2025-11-24T09:00:00.000Z',
          closedBy: { by: ANN, why: 'The policy is retired' },
        },
        [SALES, TEST],
      ),
    ],
    { at: '2025-11-24T09:00:01.000Z' },
  ),
  'closed-no-lock': aNotice(
    'closed',
    [contoso({ ...SUSPECTED, state: 'dismissed' }, [SALES, TEST])],
    afterwards(1),
  ),
  'actor-learnt': aNotice(
    'actorLearnt',
    [contoso({ actor: EVE, actedAt: '2025-11-23T02:13:40.000Z', acknowledged: TAKEN })],
    afterwards(0.4),
  ),
  'silence-set': aNotice('silenced', [], {
    silences: [
      {
        what: 'set',
        by: ANN,
        why: 'We rotate the key',
        from: OPENED_AT,
        until: '2025-11-24T02:13:52.000Z',
        policyName: 'ep-contoso',
        incidentId: 'incident-of-ep-contoso',
      },
    ],
  }),
  'silence-planned-for-a-vault': aNotice('silenced', [], {
    silences: ['ep-contoso', 'ep-fabrikam'].map((policyName) => ({
      what: 'planned',
      by: ANN,
      why: 'The vault moves to another network.',
      from: '2025-11-30T18:00:00.000Z',
      until: '2025-12-01T06:00:00.000Z',
      vaultId: VAULT,
      policyName,
    })),
  }),
  'silence-ended': aNotice('silenced', [], {
    silences: [{ what: 'ended', by: ANN, why: 'The move is done', policyName: 'ep-contoso' }],
  }),
  warning: aNotice('warning', [], {
    visibility: {
      id: 'visibility-1',
      reason: 'warning',
      at: OPENED_AT,
      gaps: [],
      remainingGaps: 0,
      warnings: {
        items: [
          {
            severity: 'urgent',
            text: 'The key cmk of the vault kv-contoso expires in 6 days, and nothing renews it: 3 environments of the policy ep-contoso would go offline.',
            steps: [
              {
                text: 'Set a rotation policy for the key cmk, or a later expiry date.',
                command:
                  'az keyvault key rotation-policy update --vault-name kv-contoso --name cmk --value rotation.json --subscription 11111111-2222-3333-4444-555555555555',
                portal: 'Key vaults → kv-contoso → Keys → cmk → Rotation policy',
              },
            ],
          },
          {
            severity: 'warning',
            text: 'No lock protects the vault kv-contoso from being deleted.',
            steps: [
              {
                text: 'Put a delete lock on the vault kv-contoso. It needs Owner or User Access Administrator.',
                command: `az lock create --name lockwatch-no-delete --lock-type CanNotDelete --resource ${VAULT}`,
              },
            ],
          },
        ],
        more: 0,
      },
    },
  }),
  'visibility-lost': aNotice('visibilityLost', [], {
    visibility: {
      id: 'visibility-2',
      reason: 'visibilityLost',
      at: '2025-11-23T02:40:00.000Z',
      gaps: [
        {
          text: 'The role assignments of the vault kv-contoso can’t be read (403): whether ep-contoso may use its key is unknown.',
          remediation: 'Give the identity of Lockwatch the role Reader on the resource group rg-keys.',
          since: OPENED_AT,
        },
      ],
      remainingGaps: 1,
    },
  }),
  'visibility-lost-grown': aNotice('visibilityLost', [], {
    visibility: {
      id: 'visibility-4',
      reason: 'visibilityLost',
      at: '2025-11-23T03:10:00.000Z',
      gaps: [
        {
          id: 'read|11111111-2222-3333-4444-555555555555|vault|forbidden',
          text: "The key vault of policies ep-1, ep-2, ep-3, ep-4, ep-5 and 2 more can't be read. A lock there may go unnoticed.",
          remediation: 'Give the identity of Lockwatch the role Reader on the resource group rg-keys.',
          since: OPENED_AT,
          policies: Array.from({ length: 7 }, (_, n) => ({ key: `${n}`, name: `ep-${n + 1}` })),
          namedBefore: 12,
        },
      ],
      remainingGaps: 1,
    },
  }),
  'visibility-restored': aNotice('visibilityRestored', [], {
    visibility: {
      id: 'visibility-3',
      reason: 'visibilityRestored',
      at: '2025-11-23T03:40:00.000Z',
      gaps: [
        {
          text: 'The role assignments of the vault kv-contoso can’t be read (403).',
          remediation: '',
          since: OPENED_AT,
        },
      ],
      remainingGaps: 0,
    },
  }),
  undelivered: aNotice('undelivered', [contoso()], {
    ...afterwards(24),
    undelivered: {
      channel: 'teams-ops',
      reason: 'opened',
      since: OPENED_AT,
      because:
        'prod-12.westeurope.logic.azure.com answered 404: the webhook is wrong, was made anew or was deleted.',
    },
  }),
  'delivery-restored': aNotice('deliveryRestored', [], {
    ...afterwards(30),
    visibility: {
      id: 'visibility-4',
      reason: 'deliveryRestored',
      at: afterwards(30).at,
      gaps: [],
      remainingGaps: 0,
      channels: [{ channel: 'teams-ops', gaveUpAt: afterwards(24).at, deliveredAt: afterwards(30).at }],
    },
  }),
  acknowledged: aNotice('acknowledged', [contoso({ acknowledged: TAKEN })], { at: TAKEN.at }),
  'undelivered-to-some': aNotice('undelivered', [contoso()], {
    ...afterwards(0),
    undelivered: {
      channel: 'email',
      reason: 'opened',
      since: OPENED_AT,
      because: 'Refused for oncall@contoso.com (550 5.1.1 at RCPT TO).',
      recipients: ['oncall@contoso.com'],
    },
  }),
  drill: aNotice('drill', [contoso({ drill: true })]),
  'drill-over': aNotice(
    'drill',
    [
      contoso(
        { drill: true, state: 'closed' },
        NAMED.map((environment) => ({ ...environment, state: 'enabled' })),
      ),
    ],
    afterwards(0.2),
  ),
  'drill-opened': aNotice('opened', [contoso({ drill: true })]),
  'drill-of-a-channel': aNotice('drill', []),
};
