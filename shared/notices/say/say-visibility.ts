import type { ReportedGap, VisibilityNotice } from '../../visibility/visibility-state.ts';
import type { Message } from './message.ts';
import { pageLink } from './page-links.ts';
import { plain, truncate } from './plain.ts';
import { sayDeliveryRestored } from './say-delivery-restored.ts';
import { sayDigest } from './say-digest.ts';
import type { Times } from './say-when.ts';
import { between, count, duration } from './words.ts';

const MAX_GAPS_SHOWN = 20;
/** How many policies the sentence of a gap names (`policy-gaps.ts`). */
const NAMED_IN_TEXT = 5;
/** Longer than all the names in one notice. */
const NAMES_LENGTH = 60_000;

/** The message of a notice about Lockwatch itself: the gaps, when they began, and how to fix them. Pure. */
export function sayVisibility(
  notice: { messageId: string; visibility: VisibilityNotice; publicUrl?: string },
  times: Times,
): Message {
  const { visibility } = notice;
  if (visibility.warnings) return sayDigest(notice.messageId, visibility.warnings, notice.publicUrl, times);
  if (visibility.channels) return sayDeliveryRestored({ ...notice, channels: visibility.channels }, times);
  const isLost = visibility.reason === 'visibilityLost';
  const places = amountOf(visibility);
  const title = isLost ? `Lockwatch can't see everything: ${places}` : `Lockwatch sees again: ${places}`;
  const shown = visibility.gaps.slice(0, MAX_GAPS_SHOWN);
  const more = visibility.gaps.length - shown.length + (visibility.more ?? 0);
  const texts = shown.flatMap((gap) => textsOf(gap, visibility.at, times));
  if (more > 0) texts.push(`And ${more} more; see the page /health.`);
  const remediations = [...new Set(shown.map(({ remediation }) => plain(remediation, 400)))].filter(
    (text) => text !== '',
  );
  const health = pageLink(notice.publicUrl, '/health');
  return {
    messageId: notice.messageId,
    reason: visibility.reason,
    tone: isLost ? 'warning' : 'good',
    topic: '',
    title: truncate(title, 150),
    summary: truncate(isLost ? `${title}. A lock may go unnoticed there.` : title, 250),
    lead: isLost
      ? ['Until this is fixed, a lock may go unnoticed there. It does not mean that anything is locked.']
      : [
          'What could not be seen can be seen again.',
          visibility.remainingGaps > 0
            ? `${count(visibility.remainingGaps, 'other place')} still can't be seen.`
            : 'Nothing else is hidden.',
        ],
    glance: [{ label: isLost ? 'Not seen' : 'Seen again', value: places }],
    sections: [
      { id: 'happened', heading: isLost ? "What can't be seen" : 'What can be seen again', texts },
      ...(isLost && remediations.length > 0
        ? [
            {
              id: 'remediation' as const,
              heading: 'How to fix it',
              texts: [],
              steps: remediations.map((text) => ({ text })),
            },
          ]
        : []),
    ],
    links: health ? [{ text: 'The health of the watch', short: 'Health', url: health }] : [],
    footer: `Sent by Lockwatch. ${times.note}`,
  };
}

/** The number of new gaps; or, if each was reported before and has only grown, of new policies. */
function amountOf({ gaps, more = 0 }: VisibilityNotice): string {
  const grown = gaps.filter(({ namedBefore }) => namedBefore !== undefined);
  if (grown.length < gaps.length || gaps.length === 0) return count(gaps.length + more, 'place');
  const policies = grown.reduce((sum, gap) => sum + policiesIn(gap), 0);
  return count(policies, 'more policy');
}

/**
 * The sentence of a gap names a few policies; the next line names all of them, as far as the notice contains
 * them.
 */
function textsOf(gap: ReportedGap, at: string, times: Times): string[] {
  const { text, since, namedBefore = 0, policies = [] } = gap;
  const before = namedBefore > 0 ? ` ${count(namedBefore, 'other policy')} had been reported before.` : '';
  const first = `${times.inText(plain(text, 400))} Since ${times.moment(since)}${ago(since, at)}.${before}`;
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
