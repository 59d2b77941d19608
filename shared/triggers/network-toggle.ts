/**
 * A change that closed the network of a vault, with the exception for trusted services left on. ISO 8601, by
 * the readings that first showed it. Without `openedAt`, it is still closed. `hadEffect`: a sign of a lock
 * began while it was closed.
 */
export interface NetworkToggle {
  closedAt: string;
  openedAt?: string;
  hadEffect?: true;
}
