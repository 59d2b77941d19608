import * as z from 'zod';
import { NOTICE_REASONS } from '../incidents/notice-reason.ts';
import { ADVISORY_IDS } from '../triggers/advisories/advisory.ts';
import { TRIGGER_IDS } from '../triggers/finding.ts';

// The parts that several answers share, each with its name in the OpenAPI document.

export const TIME = z.iso.datetime();
const named = <T extends z.ZodType>(id: string, schema: T) => schema.meta({ id });

/** The age of an answer. */
export const DATED = {
  answeredAt: TIME,
  asOf: TIME.nullable().describe('The oldest reading that this answer is based on; null: none.'),
};

export const TRIGGER = named('Trigger', z.enum(TRIGGER_IDS));
export const VERDICT = named('Verdict', z.enum(['revoked', 'suspected', 'clear', 'unknown']));
export const INCIDENT_STATE = named(
  'IncidentState',
  z.enum(['suspected', 'revoked', 'accessRestored', 'closed', 'dismissed']),
);
export const NOTICE_REASON = named('NoticeReason', z.enum(NOTICE_REASONS));

export const PERSON = named(
  'Person',
  z.object({
    name: z
      .string()
      .describe('As the sign-in or the caller gives it: untrusted, escape it where it is shown.'),
    id: z.string().optional().describe('The Entra object id, where a sign-in proves it.'),
  }),
);

export const ACTOR = named(
  'Actor',
  z.object({
    name: z.string().optional(),
    objectId: z.string().optional(),
    application: z.string().optional(),
    ipAddress: z.string().optional(),
    kind: z.enum(['user', 'application', 'unknown']),
    from: z.enum(['auditLog', 'event']).optional().describe('The source that names the actor.'),
  }),
);

export const EVIDENCE = named(
  'Evidence',
  z.object({
    text: z.string(),
    source: z.string().optional().describe('The ARM id it was read from.'),
    readAt: TIME,
  }),
);

export const REMEDIATION_STEP = named(
  'RemediationStep',
  z.object({
    text: z.string(),
    command: z.string().optional().describe('Ready to paste.'),
    portal: z.string().optional(),
    link: z.string().optional(),
  }),
);

export const SILENCE = named(
  'Silence',
  z.object({
    from: TIME,
    until: TIME,
    by: PERSON,
    why: z.string(),
    at: TIME.describe('When it was requested.'),
    vaultId: z.string().optional().describe('The vault, where the silence was requested for all of it.'),
  }),
);

export const ACKNOWLEDGED = named(
  'Acknowledged',
  z.object({ by: PERSON, at: TIME, why: z.string().optional() }),
);

export const INCIDENT_SUMMARY_FIELDS = {
  id: z.string(),
  state: INCIDENT_STATE,
  openedAt: TIME,
  closedAt: TIME.nullable(),
  acknowledged: ACKNOWLEDGED.nullable(),
  triggers: z.array(z.object({ trigger: TRIGGER, verdict: z.enum(['revoked', 'suspected']) })),
  environmentCount: z.int(),
  noEnvironments: z
    .boolean()
    .describe('True: no environment is known to be affected, and people got one warning.'),
  askedToCloseAt: TIME.nullable().describe(
    'Not null: its environments left the lists, and whether they are still linked is unknown.',
  ),
  recoverBy: TIME.nullable().describe('Null: it has no deadline.'),
  recoverByIsEstimate: z.boolean(),
  actor: ACTOR.nullable(),
  href: z.string(),
};
export const INCIDENT_SUMMARY = named('IncidentSummary', z.object(INCIDENT_SUMMARY_FIELDS));

export const PART = named(
  'ReadPart',
  z.object({
    state: z.enum(['known', 'gone', 'unknown']),
    reason: z.string().optional(),
    detail: z.string().optional().describe('The missing right, and other help.'),
    readAt: TIME,
  }),
);

export const UNREAD_PART = z.object({
  part: z.string(),
  reason: z.string().nullable(),
  detail: z.string().nullable(),
});

export const FINDING = named(
  'Finding',
  z.object({
    trigger: TRIGGER,
    verdict: VERDICT,
    summary: z.string(),
    evidence: z.array(EVIDENCE),
  }),
);

export const ENVIRONMENT_FIELDS = {
  id: z.string(),
  displayName: z.string().describe('Untrusted: escape it where it is shown.'),
  sku: z.string(),
  region: z.string(),
  url: z.string().optional(),
  linkStatus: z.string().optional(),
  managementState: z.string().optional(),
  instanceState: z.string().optional(),
  runtimeState: z.string().optional(),
  runtimeReasonCode: z.string().optional(),
  deletion: z
    .object({ at: z.string(), retentionPeriod: z.string().optional(), backupsFrom: z.string().optional() })
    .optional(),
  ran: z.literal(true).optional().describe('It ran when its state was last known.'),
  missingSince: TIME.optional().describe('Since when the lists lack it, without showing it unlinked.'),
};
export const ENVIRONMENT = named('Environment', z.object(ENVIRONMENT_FIELDS));

const SEVERITY = z.enum(['info', 'warning', 'urgent']);
export const ADVISORY = named(
  'Advisory',
  z.object({
    id: z.enum(ADVISORY_IDS),
    severity: SEVERITY,
    verdict: z.enum(['present', 'absent', 'unknown']),
    step: z.number().nullable().describe('Days: the warning step that has been reached.'),
    summary: z.string(),
    scope: z.string(),
    evidence: z.array(EVIDENCE),
    remediation: z.array(REMEDIATION_STEP),
  }),
);

export const VISIBILITY_GAP = named(
  'VisibilityGap',
  z.object({
    what: z.string(),
    remediation: z.string(),
    since: TIME,
    notifiedAt: TIME.nullable().describe('Null while it may still end by itself.'),
  }),
);

export const HISTORY_FAULT = z
  .string()
  .nullable()
  .describe(
    'Why the table `history` can not be read just now: incidents that ended more than a day ago are missing here, and open ones are not. Null: nothing is missing.',
  );

export const UNREADABLE_ROW = named(
  'UnreadableRow',
  z.object({
    table: z.string(),
    partitionKey: z.string(),
    rowKey: z.string(),
    policyId: z.string().optional(),
    why: z.string(),
    command: z.string().optional().describe('The command that deletes it.'),
  }),
);

/** A policy as other answers name it. */
export const POLICY_NAME = named(
  'PolicyName',
  z.object({ id: z.string(), key: z.string(), name: z.string() }),
);

export const ENDED_INCIDENT = named(
  'EndedIncident',
  z.object({
    policyId: z.string(),
    id: z.string(),
    openedAt: TIME,
    endedAt: TIME,
    revoked: z
      .boolean()
      .describe('It took environments offline; otherwise it was a suspicion, or a warning.'),
    href: z.string(),
  }),
);
