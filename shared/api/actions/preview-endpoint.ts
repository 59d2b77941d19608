import * as z from 'zod';
import type { Ports } from '../../pipeline/ports.ts';
import type { ReducedPlan } from '../../preview/change.ts';
import { reducedPlanSchema, withAddresses } from '../../preview/reduced-plan.ts';
import { DATED, EVIDENCE, TIME, TRIGGER, VERDICT } from '../components.ts';
import { actionEndpoint } from '../endpoint.ts';
import { NO_QUERY } from '../read-query.ts';
import { createAnswerSharing } from '../status/answer-sharing.ts';

const OUTCOME = z
  .enum(['goesDown', 'mayGoDown', 'unknown', 'refused', 'fine'])
  .describe(
    'mayGoDown: only a later reading confirms it. unknown: it could not be judged. refused: Azure refuses what would have taken it down.',
  )
  .meta({ id: 'PreviewOutcome' });
const PREVIEW_FINDING = z
  .object({
    trigger: TRIGGER,
    verdict: z.enum(['revoked', 'suspected']),
    summary: z.string(),
    evidence: z.array(EVIDENCE),
    scope: z.string(),
    changes: z.array(z.string()).describe('The addresses of the changes that bring it.'),
  })
  .meta({ id: 'PreviewFinding' });
const CANNOT_JUDGE = z
  .object({ address: z.string().optional(), because: z.string() })
  .meta({ id: 'CannotJudge' });
export const AFFECTED = z
  .object({
    id: z.string(),
    displayName: z.string(),
    sku: z.string(),
    region: z.string(),
    url: z.string().optional(),
  })
  .meta({ id: 'AffectedByChange' });

/** It changes nothing, so whoever may read may ask; it keeps nothing of what is sent. */
export const previewEndpoint = actionEndpoint({
  id: 'preview',
  method: 'POST',
  path: '/preview',
  title: 'What a planned change would take down',
  access: 'read',
  query: NO_QUERY,
  body: reducedPlanSchema,
  takesBody: {
    maxBytes: 8 * 1024 * 1024,
    instead:
      'A plan as Terraform or az writes it holds secrets and is not taken: run "npm run preview -- <file> --url <this app>", which cuts it down before it sends it.',
  },
  answer: z.object({
    ...DATED,
    outcome: OUTCOME,
    policies: z.array(
      z.object({
        policyId: z.string(),
        name: z.string(),
        outcome: OUTCOME,
        before: VERDICT,
        after: VERDICT,
        findings: z.array(PREVIEW_FINDING),
        atDates: z
          .array(z.object({ at: TIME, verdict: VERDICT, findings: z.array(PREVIEW_FINDING) }))
          .describe('At each date in the future that a change sets.'),
        refused: z.array(z.object({ address: z.string(), because: z.string() })),
        cannotJudge: z.array(CANNOT_JUDGE),
        notes: z.array(z.string()),
        changes: z.array(z.string()),
        environments: z.array(AFFECTED),
      }),
    ),
    cannotJudge: z.array(CANNOT_JUDGE),
    changes: z.int().describe('How many changes of the file can matter to a key vault.'),
    policiesCompared: z.int(),
  }),
  hasEtag: false,
  problems: ['too-many-questions'],
  async handle({ body }, ports) {
    const plan = withAddresses(body);
    asked += 1;
    return previews.share(String(asked), () => preview(plan, ports));
  },
});

/** A plan is up to 8 MB and takes seconds of the process that also answers everybody else. */
const previews = createAnswerSharing<Awaited<ReturnType<typeof preview>>>({ maxRunning: 1, maxWaiting: 5 });
/** No two plans are one question. */
let asked = 0;

async function preview(plan: ReducedPlan, ports: Ports) {
  const [{ readChains }, { previewEachPolicy }, { indexChanges, mayTouch }] = await Promise.all([
    import('../../pipeline/read-chains.ts'),
    import('../../pipeline/preview-each-policy.ts'),
    import('../../preview/changes-of-chain.ts'),
  ]);
  const indexed = indexChanges(plan.changes);
  const chains = await readChains(ports, (chain) => mayTouch(chain, indexed));
  const now = ports.clock.now();
  const { networkReading } = ports.config;
  const { readAt, ...found } = await previewEachPolicy(
    chains,
    { ...plan, indexed },
    { now, networkReading },
    ports,
  );
  return { answeredAt: now, asOf: readAt, ...found };
}
