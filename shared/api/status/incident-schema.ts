import * as z from 'zod';
import {
  ACKNOWLEDGED,
  ACTOR,
  DATED,
  ENVIRONMENT_FIELDS,
  EVIDENCE,
  INCIDENT_STATE,
  NOTICE_REASON,
  PERSON,
  REMEDIATION_STEP,
  SILENCE,
  TIME,
  TRIGGER,
  UNREADABLE_ROW,
} from '../components.ts';

export const TIMELINE_WHAT = z.enum([
  'opened',
  'confirmed',
  'worsened',
  'eased',
  'accessRestored',
  'relapsed',
  'lockShown',
  'closed',
  'dismissed',
  'signal',
  'notice',
  'suppressed',
  'acknowledged',
  'silenced',
  'silenceEnded',
  'supportCase',
  'reminder',
  'deadline',
]);

const TIMELINE_ENTRY = z
  .object({
    at: TIME,
    what: TIMELINE_WHAT,
    text: z.string(),
    signalId: z.string().optional(),
    actor: ACTOR.optional(),
    by: PERSON.optional(),
  })
  .meta({ id: 'TimelineEntry' });

export const ENVIRONMENT_STATE = z
  .enum(['locked', 'awaitingReEnable', 'enabled', 'deleted', 'unknown'])
  .meta({ id: 'EnvironmentState' });

const AFFECTED_ENVIRONMENT = z
  .object({
    ...ENVIRONMENT_FIELDS,
    state: ENVIRONMENT_STATE,
    recoverableUntil: TIME.nullable().describe('Of a deleted one, by the general rule.'),
    mayBeDeletedFrom: TIME.nullable().describe('An estimate on the safe side.'),
    deletionTermIsPublished: z.boolean(),
  })
  .meta({ id: 'AffectedEnvironment' });

const NOTICE_DELIVERY = z
  .object({
    noticeId: z.string(),
    channel: z.string(),
    reason: NOTICE_REASON,
    because: z.string(),
    state: z.enum(['pending', 'sent', 'givenUp']),
    attempts: z.int(),
    createdAt: TIME,
    sentAt: TIME.nullable(),
    nextTryAt: TIME.nullable(),
    lastError: z.string().nullable(),
    messageId: z.string().nullable().describe('The same for all notices that were sent in one message.'),
  })
  .meta({ id: 'NoticeDelivery' });

export const CAUSE = z
  .object({
    trigger: TRIGGER,
    verdict: z.enum(['revoked', 'suspected']),
    scope: z.string(),
    since: TIME,
    operation: z
      .object({ at: TIME, actor: ACTOR.nullable() })
      .nullable()
      .describe('What brought it about, if a signal shows it.'),
    subject: z.array(z.string()).describe('The items within the scope; empty: all of it.'),
    inShort: z.string().nullable().describe('Where the name of the trigger would mislead.'),
    summary: z.string(),
    evidence: z.array(EVIDENCE),
    remediation: z.array(REMEDIATION_STEP),
  })
  .meta({ id: 'Cause' });

/** One complete incident: the answer of its GET, and of each action on it. */
export const INCIDENT = z
  .object({
    ...DATED,
    id: z.string(),
    policyId: z.string(),
    state: INCIDENT_STATE,
    openedAt: TIME,
    actedAt: TIME.nullable().describe('When the change was made, if a signal gave the time.'),
    lockedSince: TIME.nullable().describe('Of the current lock, if access was back and lost again.'),
    accessRestoredAt: TIME.nullable(),
    provisionalUntil: TIME.nullable().describe('Access reads as back, but may only work from this time.'),
    closedAt: TIME.nullable(),
    closedBy: z
      .object({ by: PERSON, why: z.string() })
      .nullable()
      .describe('Null: it closed by itself, or is open.'),
    acknowledged: ACKNOWLEDGED.nullable(),
    silence: SILENCE.nullable(),
    supportCase: z
      .object({ number: z.string(), by: PERSON, at: TIME, note: z.string().optional() })
      .nullable(),
    drill: z.boolean(),
    actor: ACTOR.nullable(),
    noEnvironments: z.boolean(),
    askedToCloseAt: TIME.nullable(),
    recoverBy: TIME.nullable(),
    recoverByBecause: z.string(),
    recoverByIsEstimate: z.boolean(),
    causes: z.array(CAUSE),
    environmentCount: z.int(),
    environmentsAsOf: TIME.nullable(),
    environmentsSource: z.enum(['powerPlatform', 'inventory']).nullable(),
    environments: z.array(AFFECTED_ENVIRONMENT),
    timeline: z.array(TIMELINE_ENTRY),
    notices: z.array(NOTICE_DELIVERY),
    unreadableRows: z.array(UNREADABLE_ROW),
  })
  .meta({ id: 'Incident' });
