import { httpsUrl } from '../../../settings-schema/description.ts';
import { channelKind } from '../channel-kind.ts';
import { lateChannel } from '../late-channel.ts';

/** For automation. It has no `setUp`, because it alone reaches no person. */
export const eventGrid = channelKind({
  name: 'eventgrid',
  existsBy: 'eventGridTopic',
  settings: {
    eventGridTopic: {
      name: 'LOCKWATCH_EVENTGRID_TOPIC',
      meaning:
        'An Event Grid topic that gets Lockwatch.Incident.* events, for your own automation, with the app’s identity.',
      example: 'https://lockwatch.westeurope-1.eventgrid.azure.net/api/events',
      schema: httpsUrl,
    },
  },
  create({ eventGridTopic: endpoint }, { credential, say }) {
    if (!endpoint) return [];
    const load = async () =>
      (await import('./event-grid-topic.ts')).createEventGridChannel({ endpoint, credential, say });
    return [lateChannel('eventgrid', load)];
  },
});
