import * as z from 'zod';
import { BLAST_OUTCOMES } from '../../preview/blast/outcome.ts';
import { BLAST_SCOPE_KINDS } from '../../preview/blast/scope.ts';
import { AFFECTED } from '../actions/preview-endpoint.ts';
import { DATED, TIME, TRIGGER, VERDICT } from '../components.ts';

const OUTCOME = z
  .enum(BLAST_OUTCOMES)
  .describe(
    'mayGoDown: only a later reading confirms it. alreadyDown: it is down without this operation. unknown: it could not be judged. refused: Azure refuses it.',
  )
  .meta({ id: 'BlastOutcome' });
const SENTENCES = z.array(z.string());
const OPERATION_ID = z.string().describe('The same for the same operation at the same resource.');

const OPERATION = z
  .object({
    id: OPERATION_ID,
    what: z.string().describe('In the imperative.'),
    on: z.string().describe('The ARM id of the resource at which it is done.'),
    outcome: OUTCOME,
    triggers: z.array(TRIGGER).describe('Those that it trips.'),
    policies: z.int().describe('How many policies it takes down, or may take down.'),
    environments: z.int().describe('How many environments are linked to them.'),
    refused: SENTENCES.describe('The locks and the rules by which Azure refuses it, or a part of it.'),
    cannotJudge: SENTENCES,
    notes: SENTENCES,
  })
  .meta({ id: 'BlastOperation' });

const POLICY = z
  .object({
    id: z.string(),
    key: z.string().describe('Identifies the policy in addresses where its name is not unique.'),
    name: z.string(),
    vaultId: z.string().nullable(),
    keyName: z.string().nullable(),
    verdict: VERDICT.describe('As it is now.'),
    downBy: z.array(TRIGGER).describe('The causes by which it is down now.'),
    outcome: OUTCOME,
    triggers: z.array(
      z.object({
        trigger: TRIGGER,
        verdict: z.enum(['revoked', 'suspected']),
        operations: z.array(OPERATION_ID),
      }),
    ),
    operations: z.array(
      z.object({ id: OPERATION_ID, outcome: OUTCOME }).meta({ id: 'BlastOperationOnPolicy' }),
    ),
    environments: z.object({
      count: z.int(),
      isKnown: z
        .boolean()
        .describe('False: no list of them could be read this time; these are of an earlier one.'),
      asOf: TIME.nullable(),
      items: z.array(AFFECTED).describe('Those on this page.'),
    }),
    restoresLost: z
      .object({
        environments: z.array(z.object({ id: z.string(), displayName: z.string(), leftAt: TIME })),
        more: z.int().describe('Those that left before them, which are only counted.'),
        until: TIME.nullable(),
        isKnown: z.boolean().describe('False: the list of environments does not show which of them left.'),
      })
      .describe('Environments that left the policy within 30 days, and need its key to restore backups.'),
    protections: z.array(
      z
        .object({
          kind: z.enum(['vaultLock', 'policyLock', 'purgeProtection', 'softDelete', 'linkedEnvironments']),
          is: z.enum(['present', 'missing', 'unknown']),
          text: z.string(),
        })
        .meta({ id: 'BlastProtection' }),
    ),
  })
  .meta({ id: 'BlastPolicy' });

export const BLAST_RADIUS = z.object({
  ...DATED,
  scope: z.object({ kind: z.enum(BLAST_SCOPE_KINDS), name: z.string() }),
  outcome: z
    .enum([...BLAST_OUTCOMES, 'nothingWatched'])
    .describe('nothingWatched: no watched policy depends on it.'),
  counts: z.object({
    policies: z.int().describe('How many depend on it.'),
    policiesGoingDown: z.int().describe('Those that an operation takes down or may take down.'),
    policiesCompared: z.int(),
    environments: z.int().describe('Linked to those that go down, each once.'),
    restoresLost: z.int(),
    operations: z.int(),
  }),
  operations: z.array(OPERATION).describe('The gravest first; at most 500.'),
  policies: z.array(POLICY).describe('Those on this page, the gravest first.'),
  cannotJudge: SENTENCES.describe('What could not be judged, beyond single policies.'),
  next: z.string().nullable().describe('The address of the next page.'),
});
