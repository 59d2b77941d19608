import * as z from 'zod';
import { intervalsInForce } from '../../visibility/interval-in-force.ts';
import { DATED, TIME, UNREAD_PART, UNREADABLE_ROW, VISIBILITY_GAP } from '../components.ts';
import { readEndpoint } from '../endpoint.ts';
import { NO_QUERY } from '../read-query.ts';
import { CHANNEL_STATE } from './channel-schema.ts';
import { readChannelStates } from './channel-states.ts';
import { healthAnswer } from './health-answer.ts';
import { allPolicyStates, countUnreadable, readHeartbeat } from './optional-reads.ts';

const HEARTBEAT_FIELDS = {
  lastAt: TIME.nullable(),
  ageSeconds: z.int().nullable(),
  isSilent: z.boolean().describe('The next one is overdue, or there was none.'),
};

export const healthEndpoint = readEndpoint({
  id: 'health',
  method: 'GET',
  path: '/health',
  title: 'Whether Lockwatch itself can be relied on',
  access: 'read',
  query: NO_QUERY,
  answer: z.object({
    ...DATED,
    status: z.enum(['ok', 'degraded']),
    sweep: z.object({ ...HEARTBEAT_FIELDS, lastBegunAt: TIME.nullable(), lastBy: z.string().nullable() }),
    timer: z.object(HEARTBEAT_FIELDS),
    heartbeatMessage: z.object({ lastAt: TIME.nullable() }),
    policies: z.int(),
    oldestReadingAt: TIME.nullable(),
    unreadableMessages: z.int().nullable(),
    dependencies: z.array(
      z.object({
        name: z.enum([
          'resourceManager',
          'powerPlatform',
          'inventory',
          'tableStorage',
          'queueStorage',
          'eventGrid',
          'auditLog',
        ]),
        state: z.enum(['ok', 'partly', 'failing', 'unknown']),
        lastSuccessAt: TIME.nullable(),
        ageSeconds: z.int().nullable(),
        detail: z.string().optional(),
      }),
    ),
    channels: z.array(CHANNEL_STATE),
    unreadableRows: z.array(UNREADABLE_ROW),
    unreadableRowCount: z.int(),
    cannotRead: z
      .array(UNREAD_PART.extend({ policyId: z.string(), readAt: TIME }))
      .describe('The parts that can not be read now, with the right that would restore them.'),
    currentGaps: z.array(VISIBILITY_GAP),
  }),
  problems: [],
  async handle(_, ports) {
    const [heartbeat, policyStates, unreadable, seen, channels, historyFault] = await Promise.all([
      readHeartbeat(ports),
      allPolicyStates(ports),
      countUnreadable(ports),
      ports.visibility?.read(ports.clock.now()),
      readChannelStates(ports),
      ports.store.historyFault(),
    ]);
    const known = {
      heartbeat,
      policyStates,
      ...unreadable,
      historyFault,
      visibility: seen?.visibility,
      channels,
      unreadableRows: ports.store.unreadableRows(),
    };
    const intervals = intervalsInForce(heartbeat, ports.config.sweepBounds);
    return healthAnswer(known, { now: ports.clock.now(), ...intervals });
  },
});
