import type { LogCategory, LogLevel } from './rpc.ts';

export interface LogEntry {
  level: LogLevel;
  /** `user`: the app wrote it. `system`: the host or the worker did. */
  category: LogCategory;
  message: string;
  functionName?: string;
  invocationId?: string;
}

export type HostLog = (entry: LogEntry) => void;

/** A line of the host's own. */
export function systemLog(log: HostLog, level: LogLevel, message: string, functionName?: string): void {
  log({ level, category: 'system', message, ...(functionName === undefined ? {} : { functionName }) });
}
