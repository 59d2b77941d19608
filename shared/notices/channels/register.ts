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

/**
 * What a webhook can post to; the first is that of a webhook without a preset. A new one is a folder and a
 * line.
 */
export const WEBHOOK_SERVICES = [cloudEvents, pagerDuty, slack, serviceNow] as const;

/** Every kind of channel, in the order in which people see them. A new one is a folder and a line. */
export const CHANNEL_KINDS = [
  teams,
  emailBySmtp,
  emailByGraph,
  emailByCommunicationServices,
  webhookTo(WEBHOOK_SERVICES),
  eventGrid,
] as const;
