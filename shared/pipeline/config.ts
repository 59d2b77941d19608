import type { JudgeOptions } from '../triggers/finding.ts';
import type { OwnSources } from '../visibility/event-source-scope.ts';
import type { SweepBounds } from '../visibility/interval-in-force.ts';

/** What the settings say to the pipeline: plain values, made once by `compose.ts`. */
export interface PipelineConfig {
  /** Between these, the interval of the timer's sweeps follows what a sweep needs. The timer ticks at the lower. */
  sweepBounds: SweepBounds;
  /** How often the sweeps read the list of environments at most. Absent: each one reads it. */
  environmentListMs?: number;
  readBudgetMs: number;
  networkReading: JudgeOptions['networkReading'];
  /**
   * Delays, in seconds after the signal, of the rechecks of a policy that still reads clear. All but the first
   * only where the sweep comes later.
   */
  recheckSeconds: readonly number[];
  /** How long after a loss ended a list must be requested to show that no lock follows. */
  closeAfterMs: number;
  /** How long something may be unreadable before people are notified. */
  visibilityAlertMs: number;
  watchedSubscriptions: readonly string[];
  /** The names of the Event Hubs namespaces that carry the audit log. */
  auditNamespaces: readonly string[];
  /** The name of this deployment. Undefined: it has none. */
  deployment?: string | undefined;
  /** Base address of the documents. Undefined: the app's own page has them. */
  docsUrl?: string | undefined;
  /** Names of the event sources that the deployment knows. Undefined: not configured. */
  eventSources?: OwnSources;
  /** Names of the key vaults that hold our own secrets. Undefined: not configured. */
  secretVaults?: readonly string[];
  /** More environments than this on one policy are reported as a risk. Undefined: any number is accepted. */
  maxEnvironmentsPerPolicy?: number;
}
