import type { DigestSilences } from '../../visibility/digest-silences.ts';
import type { VisibilityNotice } from '../../visibility/visibility-state.ts';
import { isMilderAlert } from '../../visibility/warning-alerts.ts';
import type { Message, Section } from './message.ts';
import { pageLink } from './page-links.ts';
import { linkTo, plain, truncate } from './plain.ts';
import type { Times } from './say-when.ts';
import { count, listed } from './words.ts';

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
  { items, more, silences = [], alerts }: NonNullable<VisibilityNotice['warnings']>,
  publicUrl: string | undefined,
  times: Times,
): Message {
  const urgent = items.filter(({ severity }) => severity === 'urgent').length;
  const all = items.length + more;
  if (all === 0 && silences.length === 0) return sayOver(messageId, alerts?.ends ?? [], times);
  const isOnlySilences = all === 0;
  const set = silences.reduce((sum, one) => sum + one.count, 0);
  const title = isOnlySilences
    ? `Short silences: ${listed([...new Set(silences.flatMap(({ policies }) => policies.map((name) => plain(name, 100))))], 3)}`
    : `Lockwatch warns of ${count(all, 'thing')} ahead${urgent > 0 ? `, ${urgent} urgent` : ''}`;
  const steps = items.flatMap((item) => item.steps);
  const page = isOnlySilences
    ? { text: 'The state of all policies', short: 'Status', path: '/' }
    : { text: 'Every warning', short: 'Warnings', path: '/warnings' };
  const url = pageLink(publicUrl, page.path);
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
            texts: [`${count(more, 'more thing')}: see the page /warnings.`],
          },
        ];
  return {
    messageId,
    reason: 'warning',
    tone: urgent > 0 ? 'warning' : 'info',
    topic: '',
    title: truncate(title, 150),
    summary: truncate(isOnlySilences ? `${title}.` : `${title}. None of it has taken anything offline.`, 250),
    lead: [isOnlySilences ? ONLY_SILENCES : NOTHING_OFFLINE],
    glance: [
      ...(isOnlySilences
        ? []
        : [
            { label: 'Urgent', value: `${urgent}` },
            { label: 'Others', value: `${all - urgent}` },
          ]),
      ...(silences.length === 0 ? [] : [{ label: 'Short silences', value: `${set}` }]),
    ],
    sections: [
      ...ahead,
      ...rest,
      ...silenceSection(silences, times),
      ...(isOnlySilences
        ? []
        : [
            {
              id: 'remediation' as const,
              heading: 'How to fix it',
              texts:
                steps.length > STEPS_SHOWN
                  ? [`The first ${STEPS_SHOWN} steps; the others are on the page /warnings.`]
                  : [],
              steps: steps.slice(0, STEPS_SHOWN).map(({ text, command, portal, link }) => ({
                text: plain(text, 600),
                command: command === undefined ? undefined : plain(command, 2000),
                portal: portal === undefined ? undefined : plain(portal, 600),
                url: linkTo(link),
              })),
            },
          ]),
    ],
    links: url ? [{ text: page.text, short: page.short, url }] : [],
    footer: `Sent by Lockwatch. ${times.note}`,
  };
}

/** For the services that keep alerts open: nobody else gets it. */
function sayOver(messageId: string, ends: readonly string[], times: Times): Message {
  const title = ends.every(isMilderAlert) ? 'No early warning is left' : 'No urgent warning is left';
  return {
    messageId,
    reason: 'warning',
    tone: 'good',
    topic: '',
    title,
    summary: `${title}.`,
    lead: ['What to do: nothing.'],
    glance: [],
    sections: [],
    links: [],
    footer: `Sent by Lockwatch. ${times.note}`,
  };
}

const NOTHING_OFFLINE = 'Nothing has gone offline because of this. Fix it in time, and nothing will.';
const ONLY_SILENCES =
  'Each silence lasts at most 4 hours, and the same person had one over the same scope reported within the last 7 days.';

function silenceSection(silences: readonly DigestSilences[], times: Times): Section[] {
  if (silences.length === 0) return [];
  return [
    {
      id: 'happened',
      heading: 'Silences of at most 4 hours',
      texts: silences.map((one) => `– ${sentenceOf(one, times)}`),
    },
  ];
}

/** An author's silences over one scope, the last reason among them. */
function sentenceOf(
  { author, policies, vaultId, count: set, ended, why, until }: DigestSilences,
  times: Times,
): string {
  const names = listed(
    policies.map((name) => plain(name, 100)),
    4,
  );
  const vault = vaultId === undefined ? '' : ` (vault ${plain(vaultId.split('/').at(-1), 60)})`;
  const did = [
    ...(set > 0 ? [`set ${count(set, 'silence')}`] : []),
    ...(ended > 0 ? [`ended ${count(ended, 'silence')} early`] : []),
  ].join(' and ');
  const end = until === undefined ? '' : `, the last until ${times.moment(until)}`;
  const reason = plain(why, 300).replace(/[.\s]+$/, '') || 'no reason given';
  return `${plain(author, 100)} ${did} over ${names}${vault}${end}: ${reason}.`;
}
