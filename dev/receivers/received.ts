/** The stored part of each received message. */
export interface TeamsPost {
  at: string;
  body: unknown;
}
/** A CloudEvent with a valid signature. */
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
