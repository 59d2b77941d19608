import { cloudEvents } from './cloudevents/webhook-cloudevents.ts';
import { emailByCommunicationServices } from './communication-services/acs-channel.ts';
import { eventGrid } from './event-grid/event-grid-channel.ts';
import { emailByGraph } from './graph/graph-channel.ts';
import { pagerDuty } from './pagerduty/webhook-pagerduty.ts';
import { serviceNow } from './servicenow/webhook-servicenow.ts';
import { slack } from './slack/webhook-slack.ts';
import { emailBySmtp } from './smtp/smtp-channel.ts';
import { teams } from './teams/teams-channel.ts';
import { webhookTo } from './webhook/webhook-channel.ts';

/** Every kind of channel, in the order in which people see them. A new one is a folder and a line here. */
export const CHANNEL_KINDS = [
  teams,
  emailBySmtp,
  emailByGraph,
  emailByCommunicationServices,
  webhookTo([cloudEvents, pagerDuty, slack, serviceNow]),
  eventGrid,
] as const;
