import type { ReportedGap, SightNotice } from '../../visibility/visibility-state.ts';
import type { Message } from './message.ts';
import { cut, linkTo, plain } from './plain.ts';
import { sayDigest } from './say-digest.ts';
import type { Times } from './say-when.ts';
import { between, count, duration } from './words.ts';

const SPOTS_SHOWN = 20;
/** What the sentence of a gap itself names (`policy-gaps.ts`). */
const NAMED_IN_TEXT = 5;
/** Longer than all the names that one notice holds. */
const NAMES_LENGTH = 60_000;

/** What a notice of the watch itself says: what can't be seen, since when, what would mend it. Pure. */
export function saySight(
  notice: { messageId: string; sight: SightNotice; publicUrl?: string },
  times: Times,
): Message {
  const { sight } = notice;
  if (sight.warnings) return sayDigest(notice.messageId, sight.warnings, notice.publicUrl, times);
  const isBlind = sight.reason === 'blind';
  const places = amountOf(sight);
  const title = isBlind ? `Lockwatch can't see everything: ${places}` : `Lockwatch sees again: ${places}`;
  const shown = sight.spots.slice(0, SPOTS_SHOWN);
  const more = sight.spots.length - shown.length + (sight.more ?? 0);
  const texts = shown.flatMap((gap) => textsOf(gap, sight.at, times));
  if (more > 0) texts.push(`And ${more} more; see /api/health.`);
  const mends = [...new Set(shown.map(({ mend }) => plain(mend, 400)))].filter((text) => text !== '');
  const health = linkTo(notice.publicUrl && `${notice.publicUrl.replace(/\/+$/, '')}/api/health`);
  return {
    messageId: notice.messageId,
    reason: sight.reason,
    tone: isBlind ? 'warning' : 'good',
    topic: '',
    title: cut(title, 150),
    summary: cut(isBlind ? `${title}. A lock may go unnoticed there.` : title, 250),
    lead: isBlind
      ? ['Until this is mended, a lock may go unnoticed there. It does not mean that anything is locked.']
      : [
          'What could not be seen can be seen again.',
          sight.stillBlind > 0
            ? `${count(sight.stillBlind, 'other place')} still can't be seen.`
            : 'Nothing else is hidden.',
        ],
    glance: [{ label: isBlind ? 'Not seen' : 'Seen again', value: places }],
    sections: [
      { id: 'happened', heading: isBlind ? "What can't be seen" : 'What can be seen again', texts },
      ...(isBlind && mends.length > 0
        ? [
            {
              id: 'undo' as const,
              heading: 'How to mend it',
              texts: [],
              steps: mends.map((text) => ({ text })),
            },
          ]
        : []),
    ],
    links: health ? [{ text: 'The health of the watch', short: 'Health', url: health }] : [],
    footer: `Sent by Lockwatch. ${times.note}`,
  };
}

/** How much is new: places; or, where each was reported before and has only grown, policies. */
function amountOf({ spots, more = 0 }: SightNotice): string {
  const grown = spots.filter(({ namedBefore }) => namedBefore !== undefined);
  if (grown.length < spots.length || spots.length === 0) return count(spots.length + more, 'place');
  const policies = grown.reduce((sum, gap) => sum + policiesIn(gap), 0);
  return count(policies, 'more policy');
}

/** The sentence of a gap names a few policies; the next line names all, as far as the notice holds them. */
function textsOf(gap: ReportedGap, at: string, times: Times): string[] {
  const { text, since, namedBefore = 0, policies = [] } = gap;
  const before = namedBefore > 0 ? ` ${count(namedBefore, 'other policy')} had been reported before.` : '';
  const first = `${plain(text, 400)} Since ${times.moment(since)}${ago(since, at)}.${before}`;
  if (policiesIn(gap) <= NAMED_IN_TEXT) return [first];
  const names = policies.map(({ name }) => plain(name, 100)).join(', ');
  const rest = policiesIn(gap) - policies.length;
  return [first, plain(`All of them: ${names}${rest > 0 ? ` and ${rest} more` : ''}.`, NAMES_LENGTH)];
}

function policiesIn({ policies = [], morePolicies = 0 }: ReportedGap): number {
  return policies.length + morePolicies;
}

function ago(since: string, at: string): string {
  const ms = between(since, at);
  return ms === undefined || ms < 60_000 ? '' : `, ${duration(ms)} ago`;
}
