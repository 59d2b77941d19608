import type { DigestItem } from '../../visibility/digest.ts';
import type { Message } from './message.ts';
import { linkTo, plain, truncate } from './plain.ts';
import type { Times } from './say-when.ts';
import { count } from './words.ts';

const HEADINGS = {
  urgent: 'Urgent: it takes environments down within days, or for good',
  warning: 'To fix soon',
  info: 'Good to know',
} as const;
const STEPS_SHOWN = 25;

/**
 * The message of a digest of early warnings: the gravest first, with the steps for each. Nothing is offline.
 * Pure.
 */
export function sayDigest(
  messageId: string,
  { items, more }: { items: readonly DigestItem[]; more: number },
  publicUrl: string | undefined,
  times: Times,
): Message {
  const urgent = items.filter(({ severity }) => severity === 'urgent').length;
  const all = items.length + more;
  const title = `Lockwatch warns of ${count(all, 'thing')} ahead${urgent > 0 ? `, ${urgent} urgent` : ''}`;
  const steps = items.flatMap((item) => item.steps);
  const status = linkTo(publicUrl && `${publicUrl.replace(/\/+$/, '')}/api/status`);
  const ahead = (['urgent', 'warning', 'info'] as const).flatMap((severity) => {
    const of = items.filter((item) => item.severity === severity);
    return of.length === 0
      ? []
      : [
          {
            id: 'happened' as const,
            heading: HEADINGS[severity],
            texts: of.map(({ text }) => `– ${times.inText(plain(text, 400))}`),
          },
        ];
  });
  const rest =
    more === 0
      ? []
      : [
          {
            id: 'happened' as const,
            heading: 'And more',
            texts: [`${count(more, 'more thing')}: see /api/status.`],
          },
        ];
  return {
    messageId,
    reason: 'warning',
    tone: urgent > 0 ? 'warning' : 'info',
    topic: '',
    title: truncate(title, 150),
    summary: truncate(`${title}. None of it has taken anything offline.`, 250),
    lead: ['Nothing has gone offline because of this. Fix it in time, and nothing will.'],
    glance: [
      { label: 'Urgent', value: `${urgent}` },
      { label: 'Others', value: `${all - urgent}` },
    ],
    sections: [
      ...ahead,
      ...rest,
      {
        id: 'remediation',
        heading: 'How to fix it',
        texts:
          steps.length > STEPS_SHOWN
            ? [`The first ${STEPS_SHOWN} steps; the others stand in /api/status.`]
            : [],
        steps: steps.slice(0, STEPS_SHOWN).map(({ text, command, portal, link }) => ({
          text: plain(text, 600),
          command: command === undefined ? undefined : plain(command, 2000),
          portal: portal === undefined ? undefined : plain(portal, 600),
          url: linkTo(link),
        })),
      },
    ],
    links: status ? [{ text: 'The status, with every warning', short: 'Status', url: status }] : [],
    footer: `Sent by Lockwatch. ${times.note}`,
  };
}
