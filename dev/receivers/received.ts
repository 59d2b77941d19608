/** What the sinks keep of each message. */
export interface TeamsPost {
  at: string;
  body: unknown;
}
/** A CloudEvent whose signature was right. */
export interface EventPost {
  at: string;
  body: unknown;
}
export interface ReceivedMail {
  at: string;
  from: string;
  to: string[];
  subject: string;
  messageId: string;
  text: string;
  html: string;
}
