import * as z from 'zod';
import { intervalsInForce } from '../../visibility/interval-in-force.ts';
import {
  ADVISORY,
  DATED,
  ENVIRONMENT,
  FINDING,
  INCIDENT_SUMMARY,
  PART,
  SILENCE,
  TIME,
  VERDICT,
  VISIBILITY_GAP,
} from '../components.ts';
import { readEndpoint } from '../endpoint.ts';
import { NAMED } from '../read-query.ts';
import { CHANNEL_STATE } from './channel-schema.ts';
import { readChannelHealth } from './channel-states.ts';
import { allPolicyStates, countUnreadable, readHeartbeat } from './optional-reads.ts';
import { statusAnswer } from './status-answer.ts';

export const POLICY_FIELDS = {
  id: z.string(),
  key: z.string().describe('Identifies the policy in addresses where its name is not unique.'),
  name: z.string(),
  supported: z.boolean().describe('False: its key is in a Managed HSM, which is listed and never judged.'),
  verdict: VERDICT,
  readAt: TIME,
  geo: z.string().nullable(),
  healthStatus: z.string().nullable(),
  vaultId: z.string().nullable(),
  keyName: z.string().nullable(),
  keyVersion: z.string().nullable(),
  parts: z.record(z.string(), PART),
  findings: z.array(FINDING).describe('All but those that are clear.'),
  incident: INCIDENT_SUMMARY.nullable(),
  silences: z.array(SILENCE).describe('Planned or running.'),
  warnings: z.array(z.string()),
  advisories: z.array(ADVISORY),
  advisoriesAsOf: TIME.nullable(),
  environments: z.object({
    asOf: TIME.nullable(),
    source: z.enum(['powerPlatform', 'inventory']).nullable(),
    count: z.int().nullable().describe('Null: no list has been read yet.'),
    items: z.array(ENVIRONMENT),
  }),
};

export const POLICY_STATUS = z.object(POLICY_FIELDS).meta({ id: 'Policy' });

export const statusEndpoint = readEndpoint({
  id: 'status',
  method: 'GET',
  path: '/status',
  title: 'Whether all environments can use their keys',
  access: 'read',
  query: z.strictObject({
    environment: NAMED.optional(),
    policy: NAMED.optional(),
    vault: NAMED.optional(),
  }),
  answer: z.object({
    ...DATED,
    deployment: z.string().nullable().describe('The name of this deployment; null where it has none.'),
    verdict: VERDICT.describe(
      'The worst verdict of all policies that are judged; unknown where there is none.',
    ),
    counts: z.object({
      policies: z.int(),
      revoked: z.int(),
      suspected: z.int(),
      unknown: z.int(),
      notSupported: z.int(),
      clear: z.int(),
      openIncidents: z.int(),
      advisories: z.int(),
    }),
    unreadableMessages: z.int().nullable(),
    sweep: z.object({ lastAt: TIME.nullable(), isSilent: z.boolean() }),
    currentGaps: z.array(VISIBILITY_GAP).describe('What Lockwatch can not see now.'),
    channels: z.array(CHANNEL_STATE),
    days: z
      .array(z.object({ date: z.iso.date(), incidents: z.int(), revoked: z.int() }))
      .describe(
        'The last 30 days, in UTC: incidents open on each, and those that took environments offline.',
      ),
    policies: z.array(POLICY_STATUS),
  }),
  problems: [],
  async handle({ query }, ports) {
    const [policyStates, { unreadable }, heartbeat, seen, channels] = await Promise.all([
      allPolicyStates(ports),
      countUnreadable(ports),
      readHeartbeat(ports),
      ports.visibility?.read(ports.clock.now()),
      readChannelHealth(ports),
    ]);
    return statusAnswer(policyStates, query, {
      now: ports.clock.now(),
      unreadable,
      ...intervalsInForce(heartbeat, ports.config.sweepBounds),
      deployment: ports.config.deployment,
      heartbeat,
      visibility: seen?.visibility,
      channels,
    });
  },
});
