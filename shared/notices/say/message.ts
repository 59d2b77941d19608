import type { NoticeReason } from '../../incidents/notice-reason.ts';

/**
 * What one notice says: plain data, no markup. Every text is one line and holds no control character, but it does hold
 * names from outside: each renderer escapes for its own format. Sections stand in the order in which they are read.
 */
export interface Message {
  messageId: string;
  reason: NoticeReason;
  tone: Tone;
  /** What the messages of one thing have in common, the policy's name: an email's subject begins with it, and so sorts. */
  topic: string;
  /** The headline. */
  title: string;
  /** One line for the toast. */
  summary: string;
  /** What it is and what to do, in two or three sentences. */
  lead: string[];
  /** The same at a glance. */
  glance: { label: string; value: string }[];
  sections: Section[];
  /** Where all environments are listed, for those that are not named here. */
  environmentsUrl?: string;
  links: Link[];
  /** Who sent it, and how its times are to be read. */
  footer: string;
}

export type Tone = 'alarm' | 'warning' | 'good' | 'info';

export interface Link {
  text: string;
  /** For a button. */
  short: string;
  url: string;
  /** Of which section it is a part; absent: of the whole. */
  of?: Section['id'];
}

export interface Section {
  id: 'down' | 'since' | 'happened' | 'who' | 'remediation' | 'next' | 'deadline' | 'hands';
  heading: string;
  texts: string[];
  policies?: MessagePolicy[];
  evidence?: MessageEvidence[];
  steps?: MessageStep[];
}

export interface MessagePolicy {
  name: string;
  url?: string;
  /** How many environments of it this message is about, listed or not. */
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
  /** When it may be deleted at the earliest, an estimate. */
  deletedFrom?: string;
  /** The same where there is little room: "30 Nov". */
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
