import type { Cli } from './cli.ts';
import type { WaitClock } from './replication.ts';

/** The outer world of a hook; tests have another one. */
export interface HookPorts {
  run: Cli;
  environment: Readonly<Record<string, string | undefined>>;
  clock: WaitClock;
  print(line: string): void;
  /** Undefined where nobody can answer. */
  ask?: (question: string) => Promise<string>;
}
