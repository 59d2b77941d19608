/** How much one run brings. */
export interface LoadSize {
  name: 'small' | 'whole';
  /** Messages in the queue before the app first starts, the unreadable ones among them. */
  queuedBefore: number;
  unreadable: number;
  /** ARM events that concern nobody, evenly over `floodSeconds`. */
  events: number;
  floodSeconds: number;
  /** This part of them comes through the storage queue, one event a message; the others are pushed. */
  queueShare: number;
  /** Events that matter, evenly among the others. Each takes a policy with a vault of its own offline. */
  matter: number;
  /** The policies of one vault that is deleted half-way, and all their environments. */
  policies: number;
  environments: number;
  /** Writes of a network perimeter, evenly over the flood: each concerns every policy. */
  perimeterEverySeconds: number;
  sweepSeconds: number;
}

export const SIZES: Record<LoadSize['name'], LoadSize> = {
  small: {
    name: 'small',
    queuedBefore: 200,
    unreadable: 5,
    events: 2_000,
    floodSeconds: 20,
    queueShare: 0.2,
    matter: 8,
    policies: 20,
    environments: 300,
    perimeterEverySeconds: 1,
    sweepSeconds: 10,
  },
  whole: {
    name: 'whole',
    queuedBefore: 5_000,
    unreadable: 50,
    events: 100_000,
    floodSeconds: 300,
    queueShare: 0.2,
    matter: 50,
    policies: 300,
    environments: 10_000,
    perimeterEverySeconds: 1,
    sweepSeconds: 60,
  },
};
