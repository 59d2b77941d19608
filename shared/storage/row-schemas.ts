import type { EnvironmentFact } from '../facts/facts.ts';
import type {
  AffectedEnvironment,
  Cause,
  Incident,
  IncidentState,
  Person,
  Silence,
  TimelineEntry,
} from '../incidents/incident.ts';
import { NOTICE_REASONS } from '../incidents/notice-reason.ts';
import type { NotificationState } from '../incidents/notification-state.ts';
import type { SilenceChange } from '../incidents/silence-change.ts';
import type { Actor } from '../signals/signal.ts';
import { type Evidence, type Finding, type RemediationStep, TRIGGER_IDS } from '../triggers/finding.ts';
import type { DigestSilences } from '../visibility/digest-silences.ts';
import type { RestoredChannel } from '../visibility/restored-channels.ts';
import type { VisibilityNotice } from '../visibility/visibility-state.ts';
import type { AlertChanges } from '../visibility/warning-alerts.ts';
import {
  type FieldCheck,
  isFlag,
  isNumber,
  isOneOf,
  isText,
  isTime,
  listOf,
  objectOf,
  optional,
} from './checks.ts';
import type { OutboxRow, Progress } from './incident-store.ts';
import type { ReadModelEntry } from './read-model.ts';

// The fields that a stored value must have so that the code that uses it does not fail: those used without a
// check. The others are not validated.

export const INCIDENT_STATES: readonly IncidentState[] = [
  'suspected',
  'revoked',
  'accessRestored',
  'closed',
  'dismissed',
];
export const VERDICTS = ['revoked', 'suspected', 'clear', 'unknown'];

export const evidence = listOf(objectOf<Evidence>({ text: isText, readAt: isText }));
export const steps = listOf(objectOf<RemediationStep>({ text: isText }));

export const finding = objectOf<Finding>({
  trigger: isText,
  verdict: isOneOf(VERDICTS),
  summary: isText,
  evidence,
  remediation: steps,
  scope: isText,
  recoverBy: optional(objectOf<NonNullable<Finding['recoverBy']>>({ at: isText, because: isText })),
});

const person = objectOf<Person>({ name: isText });
const actor = objectOf<Actor>({
  name: optional(isText),
  objectId: optional(isText),
  application: optional(isText),
  ipAddress: optional(isText),
});
// A cause that this version can't read would never clear.
const cause = objectOf<Cause>({
  trigger: isOneOf(TRIGGER_IDS),
  verdict: isOneOf(['revoked', 'suspected']),
  scope: isText,
  since: isTime,
  operation: optional(objectOf<NonNullable<Cause['operation']>>({ at: isTime, actor: optional(actor) })),
  finding,
});

export const silence = objectOf<Silence>({
  from: isTime,
  until: isTime,
  by: person,
  why: isText,
  at: isText,
  vaultId: optional(isText),
});

export const incidentSchema = objectOf<Incident>({
  id: isText,
  policyId: isText,
  sequence: isNumber,
  state: isOneOf(INCIDENT_STATES),
  openedAt: isTime,
  lockedSince: optional(isTime),
  causes: listOf(cause),
  easedCauses: optional(listOf(cause)),
  actor: optional(actor),
  recoverBy: isText,
  recoverByBecause: isText,
  environmentCount: isNumber,
  environmentsLeft: optional(listOf(isText)),
  closedBy: optional(objectOf<NonNullable<Incident['closedBy']>>({ by: person, why: isText })),
  acknowledged: optional(objectOf<NonNullable<Incident['acknowledged']>>({ by: person, at: isText })),
  silence: optional(silence),
  notification: optional(
    objectOf<NotificationState>({ causes: listOf(isText), remindFrom: isTime, reminded: isNumber }),
  ),
  readAt: isTime,
});

export const memberSchema = objectOf<EnvironmentFact>({
  id: isText,
  displayName: isText,
  sku: isText,
  runtimeState: optional(isText),
  instanceState: optional(isText),
  linkStatus: optional(isText),
  missingSince: optional(isTime),
  ran: optional(isFlag),
  deletion: optional(objectOf<NonNullable<EnvironmentFact['deletion']>>({ at: isText })),
});

const affected = objectOf<AffectedEnvironment>({ state: isText, deletedAt: isText });
export const environmentSchema: FieldCheck = (value) => memberSchema(value) ?? affected(value);

export const timelineSchema = objectOf<TimelineEntry>({
  at: isTime,
  what: isText,
  text: isText,
  actor: optional(actor),
  by: optional(person),
});

const aboutTheWatch = objectOf<VisibilityNotice>({
  id: isText,
  reason: isText,
  at: isTime,
  gaps: listOf(
    objectOf<VisibilityNotice['gaps'][number]>({ text: isText, remediation: isText, since: isText }),
  ),
  warnings: optional(
    objectOf<NonNullable<VisibilityNotice['warnings']>>({
      items: listOf(objectOf({ text: isText, steps })),
      more: isNumber,
      silences: optional(
        listOf(
          objectOf<DigestSilences>({
            author: isText,
            policies: listOf(isText),
            count: isNumber,
            ended: isNumber,
            why: isText,
            until: optional(isTime),
          }),
        ),
      ),
      alerts: optional(objectOf<AlertChanges>({ opens: listOf(isText), ends: listOf(isText) })),
    }),
  ),
  channels: optional(
    listOf(objectOf<RestoredChannel>({ channel: isText, gaveUpAt: isTime, deliveredAt: optional(isTime) })),
  ),
});

export const noticeSchema = objectOf<OutboxRow>({
  policyId: isText,
  incidentId: isText,
  noticeId: isText,
  channel: isText,
  reason: isOneOf(NOTICE_REASONS),
  group: isText,
  because: isText,
  createdAt: isTime,
  state: isOneOf(['pending', 'sent', 'givenUp']),
  attempts: isNumber,
  nextTryAt: isTime,
  progress: optional(
    objectOf<NonNullable<OutboxRow['progress']>>({
      messageId: isText,
      taken: listOf(isText),
      refused: listOf(objectOf<Progress['refused'][number]>({ to: isText, why: isText })),
      underway: listOf(objectOf<Progress['underway'][number]>({ id: isText, to: listOf(isText) })),
    }),
  ),
  incident: optional(incidentSchema),
  visibility: optional(aboutTheWatch),
  silence: optional(
    objectOf<SilenceChange>({
      what: isOneOf(['set', 'planned', 'ended']),
      by: person,
      why: isText,
      from: optional(isTime),
      until: optional(isTime),
      vaultId: optional(isText),
      incidentId: optional(isText),
    }),
  ),
  undelivered: optional(
    objectOf<NonNullable<OutboxRow['undelivered']>>({
      channel: isText,
      reason: isOneOf(NOTICE_REASONS),
      since: isTime,
      because: isText,
      recipients: optional(listOf(isText)),
    }),
  ),
});

export const readModelSchema = objectOf<ReadModelEntry>({
  policyId: isText,
  name: isText,
  keyVersions: optional(listOf(isText)),
  moved: optional(listOf(objectOf({ policyId: isText, keyId: isText }))),
  verdict: isText,
  readAt: isTime,
  environments: listOf(objectOf<ReadModelEntry['environments'][number]>({ id: isText, displayName: isText })),
});
