/** The stored part of each received message. */
interface Received {
  at: string;
  /** Its place in the order of arrival, over all receivers. */
  number: number;
}
export interface TeamsPost extends Received {
  body: unknown;
}
/** A CloudEvent with a valid signature. */
export interface EventPost extends Received {
  body: unknown;
}
export interface ReceivedMail extends Received {
  from: string;
  to: string[];
  subject: string;
  messageId: string;
  text: string;
  html: string;
}

/** The answer of `GET /newest`: what arrived last on each channel. */
export interface NewestReceived {
  counts: { teams: number; mails: number; events: number };
  teams: TeamsPost[];
  mails: ReceivedMail[];
  events: EventPost[];
}
