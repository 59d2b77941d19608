/** How many principals can take the policy's environments down. */
export interface LockingPrincipalCount {
  /** By a right that they hold, or that they can activate. */
  able: number;
  /** Only after they have given themselves the right. */
  inTwoSteps: number;
}
