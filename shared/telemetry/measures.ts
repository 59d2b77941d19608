export const METRICS = {
  signals: 'Signals that concerned a watched policy',
  reads: 'Answers of Azure Resource Manager and Power Platform, by status',
  timeToDetect: 'From the change, where its time is known, to the reading that showed it, in seconds',
  timeToNotify: 'From the decision to speak to what a channel accepted, in seconds',
  sweepSeconds: 'How long a sweep took',
  sweepAge: 'How long ago the sweep before had ended, in seconds',
  notReached: 'Policies that a sweep did not reach',
  undelivered: 'Notices that a channel gave up on',
} as const;
export type MetricName = keyof typeof METRICS;

export interface Measure {
  name: MetricName;
  value: number;
  by: Record<string, string>;
}

/** The measurements in a log line. Pure; most lines have none. */
export function measuresOf(event: string, fields: Readonly<Record<string, unknown>>): Measure[] {
  const one = (name: MetricName, value: unknown, by: Record<string, unknown> = {}): Measure[] =>
    typeof value === 'number' && Number.isFinite(value)
      ? [
          {
            name,
            value,
            by: Object.fromEntries(Object.entries(by).map(([key, text]) => [key, String(text)])),
          },
        ]
      : [];
  switch (event) {
    case 'signals':
      return one('signals', fields.signals);
    case 'transition':
      return one('timeToDetect', fields.detectSeconds, { kind: fields.kind });
    case 'notice-sent':
      return one('timeToNotify', fields.waitedSeconds, { channel: fields.channel, reason: fields.reason });
    case 'notice-given-up':
    case 'undelivered':
      return one('undelivered', fields.rows, { channel: fields.channel, reason: fields.reason });
    case 'swept':
      return [
        ...one('sweepSeconds', fields.seconds, { by: fields.by }),
        ...one('sweepAge', fields.ageSeconds, { by: fields.by }),
        ...one('notReached', fields.notReached),
      ];
    default:
      return [];
  }
}
