import type { Tone } from './message.ts';

/** How a message begins. */
export interface Lead {
  tone: Tone;
  title: string;
  /** The problem and the action to take. */
  sentences: string[];
}
