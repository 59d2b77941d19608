import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Puts the template for a deployment without azd, and its form for the portal, beside the package. They are
 * copied as they were committed: `azd up` packages on machines that have no compiler. Returns their names.
 */
export async function copyTemplates(root: string, out: string): Promise<string[]> {
  const names = ['azuredeploy.json', 'createUiDefinition.json'];
  for (const name of names) await copyFile(join(root, 'infra', name), join(out, name));
  return names;
}
