import * as z from 'zod';
import type { PreviewChain } from '../../shared/preview/chain.ts';
import type { ReducedPlan } from '../../shared/preview/change.ts';
import { type PlanPreview, previewPlan } from '../../shared/preview/preview-plan.ts';
import { UnusableInputError } from './preview-errors.ts';

/** The answer of POST /api/preview. */
export type PreviewAnswer = Omit<PlanPreview, 'readAt'> & { answeredAt: string; asOf: string | null };

const part = z.looseObject({ state: z.enum(['known', 'gone', 'unknown']), readAt: z.string() });
const savedFacts = z.object({
  kind: z.literal('lockwatchFacts'),
  networkReading: z.enum(['trustedService', 'literal']),
  chains: z.array(
    z.looseObject({
      facts: z.looseObject({
        policyId: z.string(),
        readAt: z.string(),
        policy: part,
        vault: part,
        key: part,
        permission: part,
        environments: part,
      }),
      history: z.looseObject({ policyId: z.string() }),
    }),
  ),
});

/** The same as the app would answer, from a saved answer of GET /api/facts. Throws `UnusableInputError`. */
export function previewOffline(saved: string, plan: ReducedPlan, now: string): PreviewAnswer {
  const { chains, networkReading } = factsIn(saved);
  const { readAt, ...preview } = previewPlan(chains as unknown as PreviewChain[], plan, {
    now,
    networkReading,
  });
  return { answeredAt: now, asOf: readAt, ...preview };
}

function factsIn(saved: string): z.infer<typeof savedFacts> {
  let file: unknown;
  try {
    file = JSON.parse(saved);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const read = savedFacts.safeParse(file);
  if (read.success) return read.data;
  throw new UnusableInputError(
    'The file of --facts is no answer of GET /api/facts. Save one as docs/preview.md says.',
  );
}
