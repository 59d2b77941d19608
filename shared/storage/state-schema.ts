import type { EndedIncident } from '../incidents/ended-incidents.ts';
import type { PolicyState } from '../incidents/incident.ts';
import type { DigestSilence, ReportedSilence } from '../incidents/report-silence.ts';
import type { SilenceRow } from '../incidents/silence-rows.ts';
import type { Signal } from '../signals/signal.ts';
import type { AdvisoryFinding } from '../triggers/advisories/advisory.ts';
import type { EffectHistory, Spell } from '../triggers/effect-history.ts';
import type { DisputedSince, History } from '../triggers/history.ts';
import type { LeftEnvironment, LeftEnvironments } from '../triggers/left-environment.ts';
import type { NetworkToggle } from '../triggers/network-toggle.ts';
import type { PrincipalsHistory } from '../triggers/remember-principals.ts';
import { isFlag, isNumber, isOneOf, isText, isTime, listOf, objectOf, optional, recordOf } from './checks.ts';
import { evidence, finding, incidentSchema, memberSchema, silence, steps, VERDICTS } from './row-schemas.ts';

const spell = optional(objectOf<Spell>({ since: isTime, at: isTime }));
const effect = objectOf<EffectHistory>({
  listAt: optional(isTime),
  runsAt: optional(isTime),
  linkedAt: optional(isTime),
  falls: optional(listOf(objectOf({ at: isTime, count: isNumber }))),
  down: optional(
    objectOf<NonNullable<EffectHistory['down']>>({
      since: isTime,
      at: isTime,
      count: isNumber,
      outside: optional(isNumber),
      atFirst: optional(isFlag),
    }),
  ),
  outside: optional(listOf(objectOf({ at: isTime, disabled: isNumber }))),
  unhealthy: optional(
    objectOf<NonNullable<EffectHistory['unhealthy']>>({
      since: isTime,
      at: isTime,
      atFirst: optional(isFlag),
    }),
  ),
  healthyAt: optional(isTime),
  encryptionOff: spell,
  unwraps: optional(objectOf({ firstAt: isTime, lastAt: isTime, count: isNumber })),
  unwrappedAt: optional(isTime),
  others: optional(objectOf<NonNullable<EffectHistory['others']>>({ at: isTime, goneAt: optional(isTime) })),
  lossEndedAt: optional(isTime),
  environmentsJudgedAt: optional(isTime),
});

const history = objectOf<History>({
  policyId: isText,
  policy: optional(
    objectOf<NonNullable<History['policy']>>({
      id: isText,
      name: isText,
      principalId: optional(isText),
      vaultId: optional(isText),
      keyName: optional(isText),
      keyVersion: optional(isText),
      seenAt: isText,
    }),
  ),
  vault: optional(
    objectOf<NonNullable<History['vault']>>({
      id: isText,
      name: isText,
      location: isText,
      seenAt: isText,
    }),
  ),
  key: optional(
    objectOf<NonNullable<History['key']>>({
      name: isText,
      versions: listOf(objectOf({ version: isText, enabled: isFlag })),
      seenAt: isText,
    }),
  ),
  permission: optional(objectOf<NonNullable<History['permission']>>({ model: isText, principalId: isText })),
  network: optional(
    objectOf<NonNullable<History['network']>>({
      current: objectOf({ ipRules: listOf(isText), virtualNetworkRules: listOf(isText) }),
      previous: optional(objectOf({ ipRules: listOf(isText), virtualNetworkRules: listOf(isText) })),
      toggles: optional(listOf(objectOf<NetworkToggle>({ closedAt: isTime, openedAt: optional(isTime) }))),
    }),
  ),
  left: optional(
    objectOf<LeftEnvironments>({
      environments: listOf(
        objectOf<LeftEnvironment>({
          id: isText,
          displayName: isText,
          at: isTime,
          keyId: optional(isText),
          movedTo: optional(isText),
        }),
      ),
      more: optional(objectOf({ count: isNumber, at: isTime })),
    }),
  ),
  principals: optional(
    objectOf<PrincipalsHistory>({
      able: isNumber,
      inTwoSteps: isNumber,
      at: isTime,
      grew: optional(objectOf({ from: isNumber, at: isTime })),
    }),
  ),
  effect: optional(effect),
  environments: optional(
    objectOf<NonNullable<History['environments']>>({
      asOf: isTime,
      source: isOneOf(['powerPlatform', 'inventory']),
      members: listOf(memberSchema),
      unaccounted: optional(listOf(isText)),
      disputed: optional(
        recordOf(objectOf<DisputedSince>({ lackedBy: isText, since: isTime, seenAt: isTime })),
      ),
    }),
  ),
});

const advisory = objectOf<AdvisoryFinding>({
  advisory: isText,
  verdict: isText,
  severity: isText,
  summary: isText,
  evidence,
  remediation: steps,
  scope: isText,
});

const times = optional(recordOf(isTime));

export const policyStateSchema = objectOf<PolicyState>({
  policyId: isText,
  verdict: isOneOf(VERDICTS),
  findings: listOf(finding),
  readAt: isTime,
  parts: recordOf(objectOf<PolicyState['parts'][string]>({ state: isText, readAt: isText })),
  history,
  sequence: isNumber,
  incident: optional(incidentSchema),
  closedIncident: optional(incidentSchema),
  closedStanding: optional(incidentSchema),
  endedIncidents: optional(
    listOf(objectOf<EndedIncident>({ id: isText, openedAt: isTime, endedAt: isTime })),
  ),
  supported: isFlag,
  warnings: listOf(isText),
  advisories: optional(
    objectOf<NonNullable<PolicyState['advisories']>>({ readAt: isText, findings: listOf(advisory) }),
  ),
  lastSignals: optional(objectOf<NonNullable<PolicyState['lastSignals']>>({ event: times, audit: times })),
  recentSignals: optional(
    listOf(
      objectOf<NonNullable<PolicyState['recentSignals']>[number]>({
        receivedAt: isTime,
        signal: objectOf<Signal>({
          id: isText,
          source: isText,
          type: isText,
          outcome: isText,
          scope: isText,
          at: isTime,
        }),
      }),
    ),
  ),
  recentTransitions: optional(listOf(isTime)),
  silences: optional(listOf(silence)),
  reportedSilences: optional(listOf(objectOf<ReportedSilence>({ scope: isText, by: isText, at: isTime }))),
  digestSilences: optional(
    listOf(
      objectOf<DigestSilence>({
        what: isOneOf(['set', 'planned', 'ended']),
        by: objectOf<DigestSilence['by']>({ name: isText }),
        why: isText,
        at: isTime,
        from: optional(isTime),
        until: optional(isTime),
        vaultId: optional(isText),
      }),
    ),
  ),
  silenceRows: optional(listOf(objectOf<SilenceRow>({ from: isTime, until: isTime }))),
  mutedCauses: optional(
    listOf(objectOf<NonNullable<PolicyState['mutedCauses']>[number]>({ trigger: isText, scope: isText })),
  ),
});
