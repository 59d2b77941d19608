import { runInNewContext } from 'node:vm';
import * as z from 'zod';
import { uiDefinitionText } from './azuredeploy.ts';

/**
 * The published elements of a createUiDefinition.json that ours uses, and nothing else: "CreateUiDefinition.json for
 * portal pane" (config, basics, steps, outputs), the pages of the elements TextBox, PasswordBox, OptionsGroup, DropDown
 * and InfoBox, and Azure/azure-resource-manager-schemas, schemas/0.1.2-preview/CreateUIDefinition.*.json.
 */
const expression = z.string().regex(/^\[.*\]$/);
const name = z.string().regex(/^[A-Za-z]\w*$/);
const regex = z.string().refine((text) => new RegExp(text) instanceof RegExp);
const required = z.union([z.boolean(), expression]);
const visible = z.union([z.boolean(), expression]).optional();
const labels = z.array(z.strictObject({ label: z.string(), value: z.string() })).min(1);
const choice = {
  name,
  label: z.string(),
  defaultValue: z.string(),
  toolTip: z.string(),
  constraints: z.strictObject({ allowedValues: labels, required }),
  visible,
};

const textBox = z.strictObject({
  name,
  type: z.literal('Microsoft.Common.TextBox'),
  label: z.string(),
  placeholder: z.string().optional(),
  defaultValue: z.string().optional(),
  toolTip: z.string(),
  multiLine: z.boolean().optional(),
  constraints: z.strictObject({
    required,
    validations: z.array(z.strictObject({ regex, message: z.string() })),
  }),
  visible,
});
const passwordBox = z.strictObject({
  name,
  type: z.literal('Microsoft.Common.PasswordBox'),
  label: z.strictObject({ password: z.string(), confirmPassword: z.string() }),
  toolTip: z.string(),
  constraints: z.strictObject({ required, regex, validationMessage: z.string() }),
  options: z.strictObject({ hideConfirmation: z.boolean() }),
  visible,
});
const optionsGroup = z.strictObject({ ...choice, type: z.literal('Microsoft.Common.OptionsGroup') });
const dropDown = z.strictObject({ ...choice, type: z.literal('Microsoft.Common.DropDown') });
const infoBox = z.strictObject({
  name,
  type: z.literal('Microsoft.Common.InfoBox'),
  options: z.strictObject({ icon: z.enum(['None', 'Info', 'Warning', 'Error']), text: z.string() }),
});
const element = z.discriminatedUnion('type', [textBox, passwordBox, optionsGroup, dropDown, infoBox]);
export type UiElement = z.infer<typeof element>;

const uiDefinitionSchema = z.strictObject({
  $schema: z.literal(
    'https://schema.management.azure.com/schemas/0.1.2-preview/CreateUIDefinition.MultiVm.json#',
  ),
  handler: z.literal('Microsoft.Azure.CreateUIDef'),
  version: z.literal('0.1.2-preview'),
  parameters: z.strictObject({
    config: z.strictObject({
      isWizard: z.boolean(),
      basics: z.strictObject({
        description: z.string(),
        subscription: z.strictObject({
          constraints: z.strictObject({
            validations: z.array(z.strictObject({ permission: z.string(), message: z.string() })),
          }),
          resourceProviders: z.array(z.string()),
        }),
        location: z.strictObject({
          label: z.string(),
          toolTip: z.string(),
          resourceTypes: z.array(z.string()),
        }),
      }),
    }),
    basics: z.array(element),
    steps: z.array(z.strictObject({ name, label: z.string(), elements: z.array(element).min(1) })),
    outputs: z.record(z.string(), expression),
  }),
});
export type UiDefinition = z.infer<typeof uiDefinitionSchema>;

export function parseUiDefinition(text = uiDefinitionText): UiDefinition {
  return uiDefinitionSchema.parse(JSON.parse(text));
}

export type Answers = Record<string, string>;

/** What an element yields where a person answers nothing: its default value, else nothing. */
export function untouched(elements: readonly UiElement[]): Answers {
  return Object.fromEntries(
    elements.flatMap((one) => {
      if (!('defaultValue' in one) || one.defaultValue === undefined) return [];
      const labelled = 'allowedValues' in one.constraints ? one.constraints.allowedValues : [];
      return [
        [one.name, labelled.find(({ label }) => label === one.defaultValue)?.value ?? one.defaultValue],
      ];
    }),
  );
}

/**
 * Evaluates an expression as the portal does, with these answers of the steps ("CreateUiDefinition functions"). The syntax
 * is JavaScript's but for the name `if`; an unknown function or step throws. Arguments are evaluated before the call.
 */
export function evaluate(
  text: string,
  steps: Readonly<Record<string, Answers>>,
  subscriptionId: string,
): unknown {
  const step = (name: string) => {
    const answers = steps[name];
    if (answers === undefined) throw new Error(`There is no step '${name}'.`);
    return answers;
  };
  const functions = {
    steps: step,
    basics: (name: string) => step('basics')[name],
    location: () => 'westeurope',
    subscription: () => ({ subscriptionId }),
    iif: (condition: unknown, yes: unknown, no: unknown) => (condition ? yes : no),
    empty: (value?: string) => value === undefined || value === '',
    coalesce: (...values: unknown[]) => values.find((value) => value !== undefined && value !== null),
    equals: (a: unknown, b: unknown) => a === b,
    not: (value: boolean) => !value,
    or: (...values: boolean[]) => values.includes(true),
    replace: (value: string, from: string, to: string) => value.replaceAll(from, to),
    split: (value: string, by: string) => value.split(by),
    parse: (value: string): unknown => JSON.parse(value),
  };
  const value: unknown = runInNewContext(text.slice(1, -1).replace(/\bif\(/g, 'iif('), functions);
  // Values of another context have other prototypes, which deepEqual compares.
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
