import type { Access } from './admit.ts';

/** The registration of the functions: with `entra` the platform admits only requests that have signed in. */
export function authLevelFor(access: Access): 'anonymous' | 'function' {
  return access === 'keys' ? 'function' : 'anonymous';
}
