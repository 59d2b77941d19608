import * as z from 'zod';
import { DATED } from '../components.ts';
import { readEndpoint } from '../endpoint.ts';
import { NO_QUERY } from '../read-query.ts';
import { readSweepIntervals } from './optional-reads.ts';

export const configurationEndpoint = readEndpoint({
  id: 'configuration',
  method: 'GET',
  path: '/configuration',
  title: 'What is set, without secrets',
  access: 'read',
  query: NO_QUERY,
  answer: z.object({
    ...DATED,
    channels: z.array(z.string()).describe('Those that get notices.'),
    eventSources: z.object({ event: z.boolean(), audit: z.boolean() }),
    sweepSeconds: z
      .object({ min: z.number(), max: z.number(), inForce: z.number() })
      .describe('The interval between two sweeps: its bounds, and what it is now.'),
    settings: z.array(
      z
        .object({
          name: z.string(),
          meaning: z.string(),
          isSet: z.boolean(),
          isSecret: z.boolean(),
          value: z.string().nullable().describe('Null: it is not set, or secret.'),
          default: z.string().nullable(),
        })
        .meta({ id: 'Setting' }),
    ),
  }),
  problems: [],
  async handle(_, ports) {
    const now = ports.clock.now();
    const { minMs, maxMs } = ports.config.sweepBounds;
    const [{ sweepIntervalMs: inForceMs }, settings = []] = await Promise.all([
      readSweepIntervals(ports),
      ports.configuration?.(),
    ]);
    return {
      answeredAt: now,
      // The settings are those of the process since it started: no reading has a part in it.
      asOf: null,
      channels: (ports.channels ?? []).map(({ name }) => name),
      eventSources: ports.eventSources,
      sweepSeconds: { min: minMs / 1000, max: maxMs / 1000, inForce: inForceMs / 1000 },
      settings,
    };
  },
});
