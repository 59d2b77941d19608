import { TRIGGER_IDS } from '../../triggers/finding.ts';
import type { NoticeFacts } from './notice-facts.ts';
import { plain } from './plain.ts';

/** Why the notices of the incidents were requested, as decided. Equal reasons of one cause appear once. */
export function whys({ notice, times }: NoticeFacts): string[] {
  const reasons = notice.incidents
    .map(({ because }) => inWords(times.inText(plain(because, 300))))
    .filter((text) => text !== '');
  const distinct = [...new Set(reasons)];
  return distinct.length > 3 ? [] : distinct;
}

/**
 * "permissions-revoked" is our own id; people read words. Resource names that only begin or end like an id
 * stay whole.
 */
export function inWords(text: string): string {
  return text.replace(IDS, (id) => id.replaceAll('-', ' '));
}
const IDS = new RegExp(`(?<![\\w-])(?:${TRIGGER_IDS.join('|')})(?![\\w-])`, 'g');

/**
 * The end of a silence or of flapping, which releases a deferred notification
 * (`incidents/reminder-schedule.ts`).
 */
export function whyNow(about: NoticeFacts): string[] {
  return whys(about).filter((text) => /\bsilence\b|\bcame and went\b/i.test(text));
}

/**
 * Access had come back, and is lost again: the texts of `incidents/texts.ts` and
 * `incidents/reminder-schedule.ts`.
 */
export function isRelapse({ notice }: NoticeFacts): boolean {
  return (
    notice.reason === 'worsened' &&
    notice.incidents.length > 0 &&
    notice.incidents.every(
      ({ incident, because }) =>
        incident.lockedSince !== undefined && /\b(?:lost again|still lost)\b/i.test(because ?? ''),
    )
  );
}
