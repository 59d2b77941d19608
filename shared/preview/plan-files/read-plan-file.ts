import type { ReducedPlan } from '../change.ts';
import { reducedPlanIn } from '../reduced-plan.ts';
import { isRecord } from './json-values.ts';
import { PlanFileError } from './plan-file-error.ts';
import { readTerraformPlan } from './terraform-plan.ts';
import { readWhatIf } from './what-if.ts';

const TERRAFORM = 'terraform show -json <plan file> > plan.json';
const WHAT_IF = 'az deployment group what-if … --no-pretty-print > what-if.json';

/** More than any plan that people apply. */
const MAX_CHARACTERS = 100_000_000;

/**
 * Cuts a plan down to the changes that can matter: of Terraform, of `az deployment … what-if`, or plain operations. What
 * is returned holds nothing else of the file. Throws `PlanFileError`, with one sentence that says what to do instead.
 */
export function reducePlanFile(text: string): ReducedPlan {
  if (text.length > MAX_CHARACTERS)
    throw new PlanFileError(`The file has more than ${MAX_CHARACTERS / 1e6} million characters.`);
  const file = parsed(text);
  if (file.kind === 'lockwatchPreview' || Array.isArray(file.operations)) return reducedPlanIn(file);
  if (typeof file.format_version === 'string' && Array.isArray(file.resource_changes))
    return readTerraformPlan(file);
  if (typeof file.format_version === 'string' && 'planned_values' in file)
    return readTerraformPlan({ ...file, resource_changes: [] });
  if (typeof file.format_version === 'string' || ('lineage' in file && 'serial' in file))
    throw new PlanFileError(`This is a state of Terraform and no plan. Make one with: ${TERRAFORM}`);
  if (Array.isArray(file.changes) || isRecord(file.properties)) return readWhatIf(file);
  throw new PlanFileError(
    `This is neither a plan of Terraform (${TERRAFORM}), nor a what-if result (${WHAT_IF}), nor {"operations": […]}.`,
  );
}

function parsed(text: string): Record<string, unknown> {
  if (text.startsWith('PK'))
    throw new PlanFileError(`This is Terraform's own binary plan. Make JSON of it with: ${TERRAFORM}`);
  let file: unknown;
  try {
    file = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new PlanFileError(
      `The file is not JSON, or it ends too early. Make it with: ${TERRAFORM}, or ${WHAT_IF}`,
    );
  }
  if (!isRecord(file))
    throw new PlanFileError(`The file is JSON, but no plan. Make it with: ${TERRAFORM}, or ${WHAT_IF}`);
  return file;
}
