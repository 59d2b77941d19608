import type * as z from 'zod';
import type { PreviewChain } from '../../shared/preview/chain.ts';
import type { ReducedPlan } from '../../shared/preview/change.ts';
import { type PlanPreview, previewPlan } from '../../shared/preview/preview-plan.ts';
import { UnusableInputError } from './preview-errors.ts';
import { savedFacts } from './saved-facts.ts';

/** The answer of POST /api/preview. */
export type PreviewAnswer = Omit<PlanPreview, 'readAt'> & { answeredAt: string; asOf: string | null };

/** The same as the app would answer, from a saved answer of GET /api/facts. Throws `UnusableInputError`. */
export function previewOffline(
  saved: string,
  plan: ReducedPlan,
  { now, maxAgeHours }: { now: string; maxAgeHours: number },
): PreviewAnswer {
  const { chains, networkReading } = factsIn(saved);
  const oldest = Math.min(...chains.map(({ facts }) => Date.parse(facts.readAt)));
  const age = Math.floor((Date.parse(now) - oldest) / HOUR_MS);
  const tooOld =
    plan.changes.length > 0 && chains.length > 0 && age >= maxAgeHours
      ? [{ because: `The saved facts are ${age} hours old: save new ones, or allow it with --max-age.` }]
      : [];
  const dated = { ...plan, cannotJudge: [...plan.cannotJudge, ...tooOld] };
  const { readAt, ...preview } = previewPlan(chains as unknown as PreviewChain[], dated, {
    now,
    networkReading,
  });
  return { answeredAt: now, asOf: readAt, ...preview };
}

const HOUR_MS = 3_600_000;

function factsIn(saved: string): z.infer<typeof savedFacts> {
  let file: unknown;
  try {
    file = JSON.parse(saved);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const read = savedFacts.safeParse(file);
  if (read.success) return read.data;
  const where = read.error.issues[0]?.path.join('.') ?? '';
  const at = where === '' ? '' : `, or it is damaged (${where})`;
  throw new UnusableInputError(
    `The file of --facts is no answer of GET /api/facts${at}. Save one as docs/preview.md says.`,
  );
}
