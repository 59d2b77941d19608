import type { Tone } from './message.ts';

/** How a message begins. */
export interface Lead {
  tone: Tone;
  title: string;
  /** What it is and what to do. */
  sentences: string[];
}
