import type { Person } from '../../incidents/incident.ts';
import type { Access } from '../access/admit.ts';
import { BY_HEADER } from '../access/cross-site.ts';
import { ProblemError } from '../problem.ts';
import { BODIES } from './bodies.ts';

/**
 * The person who acts. Where the platform's sign-in names one, no other source counts; where there is no
 * sign-in, callers name themselves. Throws `ProblemError` for an unacceptable `by`.
 */
export function personActing(
  access: Access,
  signedIn: Person | undefined,
  given: { body?: string | undefined; header: string | null },
): Person {
  if (signedIn) {
    if (given.body !== undefined)
      throw new ProblemError(
        'bad-request',
        "'by' is not taken here: the sign-in says who it is. Leave it out.",
        'by',
      );
    return signedIn;
  }
  if (given.body !== undefined) return { name: asClaimed(given.body, access) };
  if (given.header !== null && given.header.trim() !== '') {
    const read = BODIES.check.shape.by.safeParse(given.header);
    if (!read.success || read.data === undefined)
      throw new ProblemError(
        'bad-request',
        `The header ${BY_HEADER} must be one line of at most 80 characters.`,
        BY_HEADER,
      );
    return { name: asClaimed(read.data, access) };
  }
  return { name: access === 'keys' ? 'someone with a function key' : 'someone at the local host' };
}

/** Whoever has a key may give any name: nobody may read it as one that a sign-in proves. */
function asClaimed(name: string, access: Access): string {
  return access === 'keys' ? `someone who says to be ${name}` : name;
}
