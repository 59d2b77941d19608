import type { Head, Person, Transition } from './incident.ts';

/** What a person does to an incident through the API. */
export type Act =
  | { what: 'acknowledge'; why?: string }
  /** Replaces a silence that is there; with `until` in the past it ends it. */
  | { what: 'silence'; until: string; why: string }
  | { what: 'supportCase'; number: string; note?: string }
  | { what: 'close'; why: string };

/** An act that the incident does not allow, in words for the person: what is so, and what to do instead. */
export interface Refusal {
  refused: string;
}

export type ActOnIncident = (
  head: Head,
  incidentId: string,
  act: Act,
  by: Person,
  now: string,
) => Transition | Refusal;

/** A silence for a policy, planned or at once. `vaultId`: it was asked for the whole vault. */
export type SilencePolicy = (
  head: Head,
  silence: { from: string; until: string; why: string; vaultId?: string },
  by: Person,
  now: string,
) => Transition | Refusal;
