import type { RestoredChannel } from '../../visibility/restored-channels.ts';
import type { Message } from './message.ts';
import { pageLink } from './page-links.ts';
import { plain, truncate } from './plain.ts';
import type { Times } from './say-when.ts';
import { listed } from './words.ts';

/** The message that channels which had failed deliver again, or were removed: what `undelivered` reported is over. Pure. */
export function sayDeliveryRestored(
  notice: { messageId: string; channels: readonly RestoredChannel[]; publicUrl?: string },
  times: Times,
): Message {
  const names = (of: readonly RestoredChannel[]) =>
    listed(
      of.map(({ channel }) => plain(channel, 60)),
      5,
    );
  const { back = [], removed = [] } = Object.groupBy(notice.channels, ({ deliveredAt }) =>
    deliveredAt === undefined ? 'removed' : 'back',
  );
  const sentence = (of: readonly RestoredChannel[], verb: string, plural: string) =>
    of.length === 1 ? `The channel ${names(of)} ${verb}` : `The channels ${names(of)} ${plural}`;
  const title = [
    ...(back.length > 0 ? [`${sentence(back, 'delivers', 'deliver')} messages again`] : []),
    ...(removed.length > 0 ? [`${sentence(removed, 'is', 'are')} not configured any more`] : []),
  ].join('; ');
  const health = pageLink(notice.publicUrl, '/health');
  const activity = pageLink(notice.publicUrl, '/activity');
  return {
    messageId: notice.messageId,
    reason: 'deliveryRestored',
    tone: 'good',
    topic: '',
    title: truncate(title, 150),
    summary: truncate(`${title}.`, 250),
    lead: ['What to do: nothing. Messages that were given up in the meantime are not sent again.'],
    glance: [
      ...(back.length > 0 ? [{ label: 'Delivers again', value: names(back) }] : []),
      ...(removed.length > 0 ? [{ label: 'Not configured', value: names(removed) }] : []),
    ],
    sections: [
      {
        id: 'happened',
        heading: 'What happened',
        texts: notice.channels.map(({ channel, gaveUpAt, deliveredAt }) => {
          const since = `The channel ${plain(channel, 60)} last gave up a message, or did not reach everybody, at ${times.moment(gaveUpAt)}.`;
          return deliveredAt === undefined
            ? `${since} It was removed from the settings since then.`
            : `${since} At ${times.moment(deliveredAt)}, a message reached everybody on it.`;
        }),
      },
    ],
    links: [
      ...(activity ? [{ text: 'Everything that was sent', short: 'Activity', url: activity }] : []),
      ...(health ? [{ text: 'The health of every channel', short: 'Health', url: health }] : []),
    ],
    footer: `Sent by Lockwatch. ${times.note}`,
  };
}
