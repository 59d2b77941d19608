import type { NoticeReason } from '../../incidents/notice-reason.ts';

/**
 * The content of one notice: plain data, no markup. Every text is one line without control characters, but it
 * contains untrusted names: each renderer escapes for its own format. Sections are in reading order.
 */
export interface Message {
  messageId: string;
  reason: NoticeReason;
  tone: Tone;
  /**
   * The policy's name, common to related messages: an email's subject begins with it, so that they sort
   * together.
   */
  topic: string;
  /** The headline. */
  title: string;
  /** One line for the toast notification. */
  summary: string;
  /** The problem and the action to take, in two or three sentences. */
  lead: string[];
  /** The same at a glance. */
  glance: { label: string; value: string }[];
  sections: Section[];
  /** The page with all environments, for those that are not named here. */
  environmentsUrl?: string;
  links: Link[];
  /** The sender, the time zones of the message, and the deployment. */
  footer: string;
  /** The deployment that sends it, where it has a name. The footer names it too. */
  deployment?: string;
  /** The paragraph of the documents about this kind of notice. */
  helpUrl?: string;
}

/** The words of the link to it. */
export const HELP = 'About this kind of notice';

export type Tone = 'alarm' | 'warning' | 'good' | 'info';

export interface Link {
  text: string;
  /** The text of a button. */
  short: string;
  url: string;
  /** The section that it belongs to; absent: the whole message. */
  of?: Section['id'];
}

export interface Section {
  id: 'down' | 'since' | 'happened' | 'who' | 'remediation' | 'next' | 'deadline' | 'assignee';
  heading: string;
  texts: string[];
  policies?: MessagePolicy[];
  evidence?: MessageEvidence[];
  steps?: MessageStep[];
}

export interface MessagePolicy {
  name: string;
  url?: string;
  /** How many of its environments this message is about, listed or not. */
  count: number;
  environments: MessageEnvironment[];
}
export interface MessageEnvironment {
  name: string;
  /** In the Power Platform admin center. */
  url?: string;
  sku: string;
  region: string;
  /** "offline", "not enabled yet", … */
  state: string;
  /** The earliest time at which it may be deleted, an estimate. */
  deletedFrom?: string;
  /** The same in a short form: "30 Nov". */
  deletedOn?: string;
}
export interface MessageEvidence {
  text: string;
  readAt: string;
}
export interface MessageStep {
  text: string;
  command?: string;
  portal?: string;
  url?: string;
}
