import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const parameterSchema = z.looseObject({
  type: z.string().optional(),
  $ref: z.string().optional(),
  allowedValues: z.array(z.unknown()).optional(),
  defaultValue: z.unknown().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
});
const parameters = z.record(z.string(), parameterSchema);

const deploymentSchema = z.looseObject({
  dependsOn: z.array(z.string()).default([]),
  properties: z.looseObject({
    parameters: z.record(z.string(), z.object({ value: z.unknown() })),
    template: z.looseObject({ parameters }),
  }),
});
const templateSchema = z.looseObject({
  $schema: z.string(),
  parameters,
  resources: z.object({ lockwatch: deploymentSchema, code: deploymentSchema }),
  outputs: z.record(z.string(), z.object({ type: z.string() })),
});

const INFRA = join(import.meta.dirname, '../../infra');

/** The committed template for a deployment without azd, and its text. */
export const azuredeployText = readFileSync(join(INFRA, 'azuredeploy.json'), 'utf8');
export const azuredeploy = templateSchema.parse(JSON.parse(azuredeployText));

/** The names of the parameters that whoever deploys must give. */
export function requiredParameters(): string[] {
  return Object.entries(azuredeploy.parameters).flatMap(([name, { defaultValue }]) =>
    defaultValue === undefined ? [name] : [],
  );
}

export const uiDefinitionText = readFileSync(join(INFRA, 'createUiDefinition.json'), 'utf8');
