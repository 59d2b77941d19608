import type { ChangeOf } from '../change.ts';

/** A change of the rules of a perimeter, or of the profile that a vault takes its rules from. Who is in it, no plan says. */
export function perimeterRulesChanged(address: string): ChangeOf<'unjudged'> {
  const because = `${address} changes the rules of a network security perimeter. Whether they admit Power Platform to the vault, Lockwatch does not judge.`;
  return { what: 'unjudged', address, network: 'byPerimeter', because };
}
