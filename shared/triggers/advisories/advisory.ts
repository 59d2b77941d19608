import type { Facts } from '../../facts/facts.ts';
import type { Evidence, History, RemediationStep } from '../finding.ts';

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
  'vault-in-another-tenant',
  'own-secret-in-watched-vault',
  'teams-only-channel',
] as const;
export type AdvisoryId = (typeof ADVISORY_IDS)[number];

/** `urgent`: it takes environments down within days, or for good, if nobody acts. */
export type Severity = 'info' | 'warning' | 'urgent';

/** What one advisory says of one reading. Never an incident: nothing is down. */
export interface AdvisoryFinding {
  advisory: AdvisoryId;
  /** `unknown` is neither: what it stands on could not be read. */
  verdict: 'present' | 'absent' | 'unknown';
  /** How grave it is, or would be where it is not known to be present. */
  severity: Severity;
  /** Days: the step that a date ahead has reached, where there are steps. */
  step?: number;
  /** One sentence. */
  summary: string;
  evidence: Evidence[];
  /** Empty unless present. */
  remediation: RemediationStep[];
  /** What it lies in, as an ARM id. */
  scope: string;
}

/** What Lockwatch's own settings say, as far as advisories need it. Holds no secret. */
export interface OwnSettings {
  /** The channels that are set: 'teams', 'email', … */
  channels: readonly string[];
  /** Names of the key vaults that hold Lockwatch's own secrets. Undefined: nobody told. */
  secretVaults?: readonly string[];
}

export interface AdvisoryOptions {
  /** ISO 8601. */
  now: string;
  settings: OwnSettings;
}

/** One advisory, one file. Pure. */
export interface Advisory {
  id: AdvisoryId;
  /** What it warns of. */
  words: string;
  /** Where the documentation says why. */
  link: string;
  /** Every severity it can have, mildest first. */
  severities: readonly [Severity, ...Severity[]];
  judge(facts: Facts, history: History, options: AdvisoryOptions): AdvisoryFinding;
}
