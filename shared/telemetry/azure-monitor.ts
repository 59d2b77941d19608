import type { TokenCredential } from '@azure/core-auth';
import type { Histogram } from '@opentelemetry/api';
import { METRICS, type MetricName } from './measures.ts';
import type { Telemetry } from './trace.ts';

/**
 * Starts the exporter to Application Insights and returns the receiver of the records. Every trace is sent:
 * there are few, and sampling could drop an incident's trace (its default, a number of traces a second, drops
 * the first one). Only the app's own records are collected: the Functions host already sends requests and log
 * lines.
 */
export async function startAzureMonitor(options: {
  connectionString: string;
  /** For a component that accepts no keys: its local authentication is off. */
  credential?: TokenCredential;
}): Promise<Telemetry> {
  // Without this setting it sends its own statistics to Microsoft (Azure Monitor docs: "Statsbeat").
  process.env.APPLICATION_INSIGHTS_NO_STATSBEAT ??= '1';
  const [applicationInsights, { trace, metrics, SpanKind, SpanStatusCode }] = await Promise.all([
    // In the bundle, only the default export of this CommonJS module exists.
    import('applicationinsights').then((module) => module.default),
    import('@opentelemetry/api'),
  ]);
  const off = { enabled: false };
  applicationInsights.useAzureMonitor({
    azureMonitorExporterOptions: {
      connectionString: options.connectionString,
      disableOfflineStorage: true,
      ...(options.credential ? { credential: options.credential } : {}),
    },
    samplingRatio: 1,
    tracesPerSecond: 0,
    enableLiveMetrics: false,
    enableStandardMetrics: false,
    enablePerformanceCounters: false,
    enableAutoCollectExceptions: false,
    enableAutoCollectPerformance: false,
    instrumentationOptions: {
      http: off,
      azureSdk: off,
      mongoDb: off,
      mySql: off,
      postgreSql: off,
      redis: off,
    },
  });
  const tracer = trace.getTracer('lockwatch');
  const meter = metrics.getMeter('lockwatch');
  const histograms = new Map<MetricName, Histogram>();
  return {
    traced({ name, startMs, endMs, failed, attributes, events }) {
      const span = tracer.startSpan(name, {
        kind: SpanKind.CONSUMER,
        startTime: startMs,
        root: true,
        attributes: failed === undefined ? attributes : { ...attributes, failed },
      });
      for (const event of events) span.addEvent(event.name, event.attributes, event.atMs);
      if (failed !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failed });
      span.end(endMs);
    },
    measured({ name, value, by }) {
      let histogram = histograms.get(name);
      if (!histogram) {
        histogram = meter.createHistogram(`lockwatch.${name}`, { description: METRICS[name] });
        histograms.set(name, histogram);
      }
      histogram.record(value, by);
    },
  };
}
