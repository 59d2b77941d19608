import { hasUnknown, isRecord, valueAt } from './json-values.ts';
import { attributeOf, type TerraformResource } from './terraform-resource.ts';

/**
 * What lets a template that is deployed to one resource group act outside it ("Resource group deployments with ARM
 * templates: deployment scopes"): nested deployments, stacks and scripts, a perimeter, which takes vaults of any group
 * in, management groups, and groups of Entra ("Bicep templates for Microsoft Graph resources").
 */
const REACHES_BEYOND =
  /Microsoft\.(?:Resources\/deployment|Network\/networkSecurityPerimeters|Management\/|Graph\/)/i;

/** Whether the template of a Terraform resource, before or after, may act outside its group, or can't be seen. */
export function reachesBeyondGroup(resource: TerraformResource): boolean {
  return ['template_content', 'template_body', 'template_spec_version_id'].some((name) => {
    const { before, after, isUnknown } = attributeOf(resource, name);
    if (isUnknown && resource.does !== 'deletes') return true;
    const given = [before, after].filter((one) => one !== undefined && one !== null && one !== '');
    return name === 'template_spec_version_id' ? given.length > 0 : given.some(templateReaches);
  });
}

/** The same of the body of `Microsoft.Resources/deployments` or of a stack. */
export function bodyReachesBeyondGroup(body: unknown, unknown: unknown): boolean {
  if (valueAt(body, 'properties', 'templateLink') !== undefined) return true;
  if (unknown === true || hasUnknown(valueAt(unknown, 'properties'))) return true;
  const template = valueAt(body, 'properties', 'template');
  return template !== undefined && templateReaches(template);
}

/** A template that is no plain JSON is one that can't be seen. */
function templateReaches(template: unknown): boolean {
  const parsed = typeof template === 'string' ? parsedOf(template) : template;
  return !isRecord(parsed) || REACHES_BEYOND.test(JSON.stringify(parsed));
}

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
