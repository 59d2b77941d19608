import type { Part } from '../azure/part.ts';
import type { Facts, KeyAction, PermissionFact } from '../facts/facts.ts';

/** What one change does to one chain. Empty: nothing that a trigger looks at. */
export interface Effect {
  facts?: Partial<Facts>;
  otherModel?: Part<PermissionFact>;
  /** Why its effect is not known. */
  unknown?: string;
  perhapsGrants?: readonly PerhapsGranted[];
}

/** Key actions that a change may grant the identity, as far as anyone can tell before it is made. */
export interface PerhapsGranted {
  /** The permission model under which the grant counts. */
  under: PermissionFact['model'];
  actions: readonly KeyAction[];
}

export const NO_EFFECT: Effect = {};

/** A part as it will be once the change is made. */
export function planned<T>(value: T, at: string): Part<T> {
  return { state: 'known', value, readAt: at };
}

export function plannedGone(detail: string, at: string): Part<never> {
  return { state: 'gone', detail, readAt: at };
}

export function unknownFrom(detail: string, at: string): Part<never> {
  return { state: 'unknown', reason: 'follows', detail, readAt: at };
}

/** The settings that are known only once the change is made, in one sentence. */
export function notKnownYet(what: string, names: readonly string[]): string {
  return `The plan sets ${names.join(', ')} of ${what} to a value that is known only after it is applied.`;
}
