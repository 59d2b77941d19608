import * as z from 'zod';
import { DATED, SILENCE, TIME } from '../components.ts';
import { actionEndpoint } from '../endpoint.ts';
import { NO_QUERY } from '../read-query.ts';
import { BODIES } from './bodies.ts';
import { answerVaultSilence } from './policy-actions.ts';

const SILENCED = z.object({
  ok: z.literal(true),
  readAt: TIME,
  policyId: z.string(),
  key: z.string(),
  name: z.string(),
  silences: z.array(SILENCE),
});
const NOT_SILENCED = z.object({
  ok: z.literal(false),
  policyId: z.string(),
  key: z.string(),
  why: z.string(),
});

export const vaultSilenceEndpoint = actionEndpoint({
  id: 'vaultSilence',
  method: 'POST',
  path: '/vaults/{id}/silence',
  title: 'Silence every policy of a vault, now or later',
  access: 'write',
  query: NO_QUERY,
  body: BODIES.plannedSilence,
  answer: z.object({
    ...DATED,
    vaultId: z.string(),
    ok: z.boolean().describe('False where one policy could not be silenced; the others are.'),
    policies: z.array(z.union([SILENCED, NOT_SILENCED])),
  }),
  hasEtag: false,
  problems: ['not-found', 'not-possible-now', 'changed-meanwhile'],
  handle: ({ id, body, by }, ports) => answerVaultSilence(id, body, by, ports),
});
