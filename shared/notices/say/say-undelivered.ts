import type { NoticeReason } from '../../incidents/notice-reason.ts';
import type { Notice, Undelivered } from '../notice.ts';
import type { Message } from './message.ts';
import { incidentPath, OPEN_INCIDENTS_PATH, pageLink } from './page-links.ts';
import { plain, truncate } from './plain.ts';
import type { Times } from './say-when.ts';
import { between, duration, listed } from './words.ts';

/**
 * The message on the other channels when one gives up on a notice: channel, notice, start, reason and checks.
 * Pure.
 */
export function sayUndelivered(notice: Notice & { undelivered: Undelivered }, times: Times): Message {
  const { undelivered, incidents, at } = notice;
  const channel = plain(undelivered.channel, 60) || 'without a name';
  const what = WHAT[undelivered.reason];
  const names = incidents.map(({ policyName }) => plain(policyName, 100)).sort();
  const whom =
    names.length > 0 ? ` about ${names.length === 1 ? 'policy' : 'policies'} ${listed(names)}` : '';
  const waited = between(undelivered.since, at) ?? 0;
  const ago = waited > 0 ? `, ${duration(waited)} ago` : '';
  const why = ended(times.inText(plain(undelivered.because, 400)) || 'The reason is not known');
  const kind = kindOf(channel);
  const missed = undelivered.recipients?.map((one) => plain(one, 100));
  const who = missed && (listed(missed, 3) || 'somebody');
  const title = who
    ? `The channel ${channel} did not reach ${who}: “${what}”${whom}`
    : `The channel ${channel} gave up: “${what}”${whom}`;
  return {
    messageId: notice.messageId,
    reason: notice.reason,
    tone: 'warning',
    topic: truncate(listed(names, 2), 60),
    title: truncate(title, 150),
    summary: truncate(`${title}. Those who rely on it do not know.`, 250),
    lead: who
      ? [
          `The channel ${channel} (${kind.name}) could not deliver a message to ${listed(missed ?? [], 10)}: “${what}”${whom}. Everybody else on that channel got it.`,
          `What to do: tell ${missed?.length === 1 ? 'that person' : 'those people'}, and then correct the address, or remove it from the settings.`,
        ]
      : [
          `The channel ${channel} (${kind.name}) could not deliver a message, and has stopped trying: “${what}”${whom}.`,
          'What to do: tell those who rely on that channel, and then fix it (see what to check).',
          `The other channels go on by themselves: this message came through one of them, so that one works.`,
        ],
    glance: [
      { label: 'Channel', value: who ? `${channel}: did not reach ${who}` : `${channel}: gave up` },
      { label: 'Message', value: `“${what}”${whom}` },
      { label: 'Waiting since', value: `${times.moment(undelivered.since)}${ago}` },
      { label: 'Why', value: why },
      ...(who ? [] : [{ label: 'This channel', value: 'works, you read it here' }]),
    ],
    sections: [
      {
        id: 'happened',
        heading: 'What happened',
        texts: [
          who
            ? `The message was called for at ${times.moment(undelivered.since)}${ago}. The channel took it for the others, and refused it for ${who}.`
            : `The message was called for at ${times.moment(undelivered.since)}${ago}. It did not get through, and was given up at ${times.moment(at)}.`,
          'Later messages are still tried on that channel. This one is not.',
        ],
      },
      {
        id: 'remediation',
        heading: 'What to check',
        texts: [],
        steps: kind.checks.map((text) => ({ text })),
      },
    ],
    links: links(notice),
    footer: `Sent by Lockwatch. ${times.note}`,
  };
}

/** The content of each reason's message, for people who have not seen it. */
const WHAT: Record<NoticeReason, string> = {
  opened: 'environments went offline',
  suspected: 'environments may be locked',
  confirmed: 'a suspected lock is certain',
  worsened: 'a lock got worse',
  eased: 'one cause of a lock is gone',
  reminder: 'reminder of an open incident',
  deadline: 'little time is left',
  accessRestored: 'access is back, enable the environments',
  closed: 'an incident is closed',
  actorLearnt: 'who made the change',
  acknowledged: 'who has taken an incident',
  silenced: 'a silence was set, planned or ended',
  keyUnreachable: 'a key can’t be used, and no environment is known',
  warning: 'early warnings',
  visibilityLost: "Lockwatch can't see everything",
  visibilityRestored: 'Lockwatch sees again',
  undelivered: 'another channel gave up',
  deliveryRestored: 'another channel delivers again',
  drill: 'a drill',
};

interface Kind {
  name: string;
  checks: string[];
}

/** Channel names begin with their kind: 'teams-ops', 'email-graph', 'webhook-pagerduty', 'eventgrid'. */
function kindOf(channel: string): Kind {
  const found = KINDS.find(([begin]) => channel.toLowerCase().startsWith(begin));
  return found?.[1] ?? { name: 'of a kind of its own', checks: [PROVE] };
}

const PROVE =
  'Prove that it works again with a drill, which tries every channel: its form is on the page /health.';
const KINDS: readonly (readonly [begin: string, kind: Kind])[] = [
  [
    'teams',
    {
      name: 'Microsoft Teams',
      checks: [
        'Power Automate: is the workflow behind the webhook still there, and turned on? Is its owner still with you?',
        'Is the webhook address in the settings of Lockwatch the one that the workflow shows now?',
        'Workflows run in the default environment: if that one is locked, Teams stays silent until it is enabled again.',
        PROVE,
      ],
    },
  ],
  [
    'email-graph',
    {
      name: 'email through Microsoft Graph',
      checks: [
        'May the identity of Lockwatch still send as the mailbox (Mail.Send, limited by an application role in Exchange)?',
        'Do the mailbox and every recipient exist?',
        PROVE,
      ],
    },
  ],
  [
    'email',
    {
      name: 'email',
      checks: [
        'Does the mail service take connections from Lockwatch, and does its sign-in or role still hold?',
        'Do the sender and every recipient exist, and is the limit of mails an hour not used up?',
        PROVE,
      ],
    },
  ],
  [
    'webhook',
    {
      name: 'a webhook',
      checks: [
        'Does the receiver answer, and is the address or key in the settings of Lockwatch still valid?',
        'Does the receiver refuse the message? Its own log tells why.',
        PROVE,
      ],
    },
  ],
  [
    'eventgrid',
    {
      name: 'an Event Grid topic',
      checks: [
        'Does the topic still exist, and does the identity of Lockwatch hold the role EventGrid Data Sender on it?',
        PROVE,
      ],
    },
  ],
];

function links({ publicUrl, incidents }: Notice): Message['links'] {
  const [first, ...others] = incidents;
  const health = pageLink(publicUrl, '/health');
  const incident =
    first && pageLink(publicUrl, others.length === 0 ? incidentPath(first.incident.id) : OPEN_INCIDENTS_PATH);
  return [
    ...(incident
      ? [
          {
            text: others.length === 0 ? 'This incident' : 'All incidents',
            short: others.length === 0 ? 'The incident' : 'All incidents',
            url: incident,
          },
        ]
      : []),
    ...(health ? [{ text: 'The health of every channel', short: 'Health', url: health }] : []),
  ];
}

function ended(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
