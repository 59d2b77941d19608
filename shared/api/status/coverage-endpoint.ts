import * as z from 'zod';
import { TRIGGER_IDS } from '../../triggers/finding.ts';
import { intervalsInForce } from '../../visibility/interval-in-force.ts';
import { DATED, TIME, TRIGGER, UNREAD_PART, VERDICT, VISIBILITY_GAP } from '../components.ts';
import { readEndpoint } from '../endpoint.ts';
import { NAMED, oneOf } from '../read-query.ts';
import { coverageAnswer } from './coverage-answer.ts';
import { allPolicyStates, readHeartbeat } from './optional-reads.ts';

const SOURCE = z
  .object({ document: z.string(), section: z.string(), link: z.string() })
  .meta({ id: 'PublicDocument' });
const DELAY = z.object({ from: z.number(), to: z.number() }).meta({ id: 'DelaySeconds' });
const CONFIGURED = z.object({ configured: z.boolean(), expectedDelaySeconds: DELAY, source: SOURCE });
const WIRED = z.enum(['seen', 'configured, nothing seen yet', 'not configured', 'lost']);
const SIGNALLED = z
  .object({
    shows: z.boolean().describe('False: this source never reports this trigger.'),
    wired: WIRED.nullable(),
    from: z.string().nullable().describe('The subscription or the vault that the signal comes from.'),
    lastSeenAt: TIME.nullable(),
    expectedDelaySeconds: DELAY.nullable(),
  })
  .meta({ id: 'SignalSource' });
const SHOWN = z
  .object({
    shows: z.array(z.string()),
    but: z.string().optional(),
    because: z.string().optional(),
    sources: z.array(SOURCE),
  })
  .meta({ id: 'DetectionSource' });

export const coverageEndpoint = readEndpoint({
  id: 'coverage',
  method: 'GET',
  path: '/coverage',
  title: 'How each cause would be detected',
  access: 'read',
  query: z.strictObject({ policy: NAMED.optional(), trigger: oneOf(TRIGGER_IDS).optional() }),
  answer: z.object({
    ...DATED,
    counts: z.object({ policies: z.int(), notReadable: z.int() }),
    detectionSources: z.object({
      event: CONFIGURED,
      audit: CONFIGURED,
      sweep: z.object({
        intervalSeconds: z
          .number()
          .describe('The interval in force. It follows the number of reads that a sweep needs.'),
        expectedDelaySeconds: DELAY,
        slowedSubscriptions: z
          .array(z.object({ subscriptionId: z.string(), intervalSeconds: z.number() }))
          .describe(
            'Where Azure says that reads are scarce: policies there are read at this longer interval.',
          ),
        lastAt: TIME.nullable(),
        isSilent: z.boolean(),
      }),
    }),
    currentGaps: z
      .array(VISIBILITY_GAP)
      .describe('The causes that can not be detected now, whatever is configured.'),
    triggers: z.array(
      z.object({
        id: TRIGGER,
        words: z.string(),
        link: z.string(),
        needs: z.array(z.string()),
        event: SHOWN,
        audit: SHOWN,
      }),
    ),
    policies: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        supported: z.boolean(),
        readAt: TIME,
        triggers: z.array(
          z
            .object({
              trigger: TRIGGER,
              verdict: VERDICT,
              readable: z.boolean(),
              cannotRead: z.array(UNREAD_PART.extend({ readAt: TIME.nullable() })),
              detectionSources: z.object({
                event: SIGNALLED,
                audit: SIGNALLED,
                sweep: z.object({
                  shows: z.literal(true),
                  wired: WIRED,
                  lastSeenAt: TIME.nullable(),
                  expectedDelaySeconds: DELAY,
                }),
              }),
            })
            .meta({ id: 'CoverageCell' }),
        ),
      }),
    ),
  }),
  problems: [],
  async handle({ query }, ports) {
    const [heartbeat, policyStates, seen] = await Promise.all([
      readHeartbeat(ports),
      allPolicyStates(ports),
      ports.visibility?.read(ports.clock.now()),
    ]);
    const { eventSources, config, clock } = ports;
    const known = { heartbeat: heartbeat ?? {}, policyStates, eventSources, visibility: seen?.visibility };
    const intervals = intervalsInForce(heartbeat, config.sweepBounds);
    const { environmentListMs } = config;
    return coverageAnswer(known, query, { now: clock.now(), ...intervals, environmentListMs });
  },
});
