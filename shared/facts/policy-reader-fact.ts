/** A user or a group that may read the policy, and so re-enable its environments. */
export interface PolicyReaderFact {
  assignmentId: string;
  principalId: string;
  principalType?: string;
  roleName?: string;
  /** Where the role was given: the policy or a scope above it. */
  scope: string;
}
