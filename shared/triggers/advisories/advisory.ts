import type { Facts } from '../../facts/facts.ts';
import type { Evidence, RemediationStep } from '../finding.ts';
import type { History } from '../history.ts';

export const ADVISORY_IDS = [
  'key-expiring',
  'expiry-without-rotation',
  'soft-delete-missing',
  'purge-protection-missing',
  'no-delete-lock-on-vault',
  'no-delete-lock-on-policy',
  'trusted-services-bypass-only',
  'permission-through-group',
  'permission-with-condition-or-time-bound',
  'older-version-leaves-28-days',
  'unhealthy-without-lock',
  'nobody-can-reenable',
  'new-policy-cannot-use-old-key',
  'left-environment-still-needs-key',
  'many-environments-on-policy',
  'more-principals-can-lock',
  'policy-without-environments',
  'vault-toggled-regularly',
  'own-secret-in-watched-vault',
  'teams-only-channel',
] as const;
export type AdvisoryId = (typeof ADVISORY_IDS)[number];

/** `urgent`: environments go offline within days, or for good, if nobody acts. */
export type Severity = 'info' | 'warning' | 'urgent';

/** The result of one advisory for one reading. Never an incident: nothing is down. */
export interface AdvisoryFinding {
  advisory: AdvisoryId;
  /** `unknown`: the data that the advisory needs could not be read. */
  verdict: 'present' | 'absent' | 'unknown';
  /** The severity, or the severity it would have where it is not known to be present. */
  severity: Severity;
  /** Days: the warning step that has been reached, for advisories that warn of a date in steps. */
  step?: number;
  /** One sentence. */
  summary: string;
  evidence: Evidence[];
  /** Empty unless present. */
  remediation: RemediationStep[];
  /** The ARM id of the resource that it concerns. */
  scope: string;
}

/** The part of Lockwatch's own settings that advisories need. Holds no secret. */
export interface OwnSettings {
  /** The channels that are configured: 'teams', 'email', … */
  channels: readonly string[];
  /** Names of the key vaults that hold Lockwatch's own secrets. Undefined: not configured. */
  secretVaults?: readonly string[];
  /** More environments than this on one policy are a risk. Undefined: any number is accepted. */
  maxEnvironmentsPerPolicy?: number;
  /** Whether the principals who can lock environments are counted. */
  countsPrincipals?: boolean;
}

export interface AdvisoryOptions {
  /** ISO 8601. */
  now: string;
  settings: OwnSettings;
}

/** One advisory, one file. Pure. */
export interface Advisory {
  id: AdvisoryId;
  /** The risk that it warns of. */
  words: string;
  /** The documentation that explains why. */
  link: string;
  /** Every severity it can have, mildest first. */
  severities: readonly [Severity, ...Severity[]];
  judge(facts: Facts, history: History, options: AdvisoryOptions): AdvisoryFinding;
}
