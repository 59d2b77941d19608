import type { Severity } from '../triggers/advisories/advisory.ts';

/**
 * The open alerts of early warnings at services that keep alerts open: one for those that are urgent together, one
 * for all milder ones.
 */
export interface WarningAlerts {
  /** Its key. Each digest with a new urgent warning opens another one, so that it wakes somebody again. */
  urgent?: string;
  /** Its key. It wakes nobody. */
  milder?: string;
}

/** The keys of alerts that a digest opens and ends. */
export interface AlertChanges {
  opens: string[];
  ends: string[];
}

const MILDER = 'warnings';

/** Whether an alert that has this key pages nobody. */
export function isMilderAlert(key: string): boolean {
  return key === MILDER;
}

/**
 * What a digest changes about the alerts: new warnings open one, and an alert ends when another one takes its place,
 * or when no warning of its kind is left. `due`: the severities of the digest; `left`: of the warnings that are
 * present, or that can't be read now. Pure.
 */
export function nextWarningAlerts(
  before: WarningAlerts,
  { due, left }: { due: readonly Severity[]; left: ReadonlySet<Severity> },
  now: string,
): { alerts: WarningAlerts; changes: AlertChanges } {
  const alerts: WarningAlerts = {};
  const isNew = due.some((severity) => severity !== 'urgent');
  const isLeft = [...left].some((severity) => severity !== 'urgent');
  if (due.includes('urgent')) alerts.urgent = `urgent-${now}`;
  else if (before.urgent !== undefined && left.has('urgent')) alerts.urgent = before.urgent;
  if (isLeft && (isNew || before.milder !== undefined)) alerts.milder = MILDER;
  const keys = (of: WarningAlerts) => Object.values(of).filter((key) => key !== undefined);
  return {
    alerts,
    changes: {
      opens: keys(alerts).filter((key) => !keys(before).includes(key) || (key === MILDER && isNew)),
      ends: keys(before).filter((key) => !keys(alerts).includes(key)),
    },
  };
}

/** The open alerts after a digest, as its row stores the changes. Pure. */
export function alertsAfter(before: WarningAlerts, { opens, ends }: AlertChanges): WarningAlerts {
  const open = [before.urgent, before.milder].filter((key) => key !== undefined && !ends.includes(key));
  const alerts: WarningAlerts = {};
  for (const key of [...open, ...opens])
    if (key !== undefined) alerts[isMilderAlert(key) ? 'milder' : 'urgent'] = key;
  return alerts;
}
