/**
 * The two interfaces that list environments: the admin API ("BAP", api.bap.microsoft.com) and the Power
 * Platform API (api.powerplatform.com).
 */
export type EnvironmentApi = 'admin' | 'platform';

export interface EnvironmentDeletion {
  /** ISO 8601. */
  at: string;
  /** An ISO 8601 duration, as Power Platform reports it. */
  retentionPeriod?: string;
  /** ISO 8601. */
  backupsFrom?: string;
}

/** An environment of the policy that one complete list shows and the other lacks. */
export interface DisputedMember {
  id: string;
  lackedBy: EnvironmentApi;
}
