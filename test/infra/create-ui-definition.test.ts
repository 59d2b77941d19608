import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { azuredeploy, requiredParameters, uiDefinitionText } from './azuredeploy.ts';
import {
  type Answers,
  evaluate,
  parseUiDefinition,
  type UiDefinition,
  type UiElement,
  untouched,
} from './ui-definition.ts';

// Its schema is a test of its own below.
const { basics, steps, outputs } = (JSON.parse(uiDefinitionText) as UiDefinition).parameters;
const STEPS: readonly { name: string; elements: readonly UiElement[] }[] = [
  { name: 'basics', elements: basics },
  ...steps,
];
const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
const PACKAGE = 'https://example.invalid/released-package.zip?sig=abc';

/** The parameters that the portal would deploy with, where a person gives these answers. */
function parametersOf(answers: Readonly<Record<string, Answers>>): Record<string, unknown> {
  const given = Object.fromEntries(
    STEPS.map(({ name, elements }) => [name, { ...untouched(elements), ...answers[name] }]),
  );
  return Object.fromEntries(
    Object.entries(outputs).map(([name, text]) => [name, evaluate(text, given, SUBSCRIPTION)]),
  );
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  securestring: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  array: (value) => Array.isArray(value),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

describe('the form of the portal', () => {
  it('has only published elements, of the published form', () => {
    assert.throws(() => parseUiDefinition('{"handler":"Microsoft.Compute.MultiVm"}'));
    assert.ok(parseUiDefinition().parameters.steps.length > 0);
  });

  it('asks for every parameter that has no default, and offers only parameters that the template has', () => {
    for (const name of requiredParameters()) assert.ok(name in outputs, `it does not ask for ${name}`);
    for (const name of Object.keys(outputs))
      assert.ok(name in azuredeploy.parameters, `no parameter ${name}`);
  });

  it('uses every answer that it asks for, and no other', () => {
    for (const { name: step, elements } of STEPS)
      for (const { name, type } of elements) {
        const answer = step === 'basics' ? `basics('${name}')` : `steps('${step}').${name}`;
        const isUsed = Object.values(outputs).some((text) =>
          text
            .split(answer)
            .slice(1)
            .some((rest) => !/^\w/.test(rest)),
        );
        assert.equal(isUsed, type !== 'Microsoft.Common.InfoBox', answer);
      }
    const asked = STEPS.flatMap(({ name, elements }) => elements.map((one) => `${name} ${one.name}`));
    for (const text of [...Object.values(outputs), ...conditions()])
      for (const [, step, name, basic] of text.matchAll(/steps\('(\w+)'\)\.(\w+)|basics\('(\w+)'\)/g))
        assert.ok(asked.includes(basic ? `basics ${basic}` : `${step} ${name}`), text);
  });

  it('offers the values that the template allows, each under one label, the default among them', () => {
    for (const one of STEPS.flatMap(({ elements }) => elements)) {
      if (one.type !== 'Microsoft.Common.OptionsGroup' && one.type !== 'Microsoft.Common.DropDown') continue;
      const { allowedValues } = one.constraints;
      assert.ok(
        allowedValues.some(({ label }) => label === one.defaultValue),
        one.name,
      );
      const parameter = azuredeploy.parameters[one.name === 'mode' ? 'access' : one.name];
      if (parameter?.type === 'bool') continue;
      assert.deepEqual(
        allowedValues.map(({ value }) => value).sort(),
        [...(parameter?.allowedValues ?? [])].sort(),
        one.name,
      );
    }
  });

  it('asks for secrets in boxes that do not show them', () => {
    const hidden = STEPS.flatMap(({ elements }) => elements).filter(
      ({ type }) => type === 'Microsoft.Common.PasswordBox',
    );
    const secrets = Object.keys(outputs).filter(
      (name) => azuredeploy.parameters[name]?.type === 'securestring',
    );
    assert.deepEqual(hidden.map(({ name }) => name).sort(), secrets.sort());
  });

  it('begins with answers that pass its own checks', () => {
    for (const one of STEPS.flatMap(({ elements }) => elements))
      if (one.type === 'Microsoft.Common.TextBox' && one.defaultValue !== undefined)
        for (const { regex } of one.constraints.validations)
          assert.match(one.defaultValue, new RegExp(regex));
  });
});

describe('what the portal deploys', () => {
  it('is the template’s own defaults, where a person gives only the address of the package', () => {
    const given = parametersOf({ basics: { packageUri: PACKAGE } });
    const expected = Object.fromEntries(
      Object.keys(outputs).map((name) => [name, azuredeploy.parameters[name]?.defaultValue]),
    );
    assert.deepEqual(given, {
      ...expected,
      environmentName: 'lockwatch',
      packageUri: PACKAGE,
      location: 'westeurope',
      watchedSubscriptions: [SUBSCRIPTION],
    });
  });

  it('has the type of each parameter, whatever is answered', () => {
    const vault = {
      id: '/subscriptions/a/resourceGroups/b/providers/Microsoft.KeyVault/vaults/c',
      location: 'westeurope',
    };
    const given = parametersOf({
      basics: { environmentName: 'contoso', packageUri: PACKAGE },
      watched: {
        watchedSubscriptions: `${SUBSCRIPTION}; 33333333-3333-4333-8333-333333333331`,
        watchedVaults: JSON.stringify([vault]),
        existingTopics: '{"/subscriptions/a":"/subscriptions/a/topic"}',
        readingRole: 'Reader',
      },
      people: {
        teams: 'no',
        emailBy: 'smtp',
        emailFrom: 'lockwatch@example.com',
        emailTo: 'a@example.com;b@example.com',
        smtpUrl: 'smtps://user:password@relay.example.com:465',
        alertEmails: 'oncall@example.com',
      },
      access: { mode: 'entra', entraClientId: SUBSCRIPTION, deployerObjectId: SUBSCRIPTION },
    });
    for (const [name, value] of Object.entries(given)) {
      const { type = '' } = azuredeploy.parameters[name] ?? {};
      assert.ok(TYPES[type]?.(value), `${name} is not of the type ${type}: ${JSON.stringify(value)}`);
    }
    assert.deepEqual(given.watchedSubscriptions, [SUBSCRIPTION, '33333333-3333-4333-8333-333333333331']);
    assert.deepEqual(given.watchedVaults, [vault]);
    assert.deepEqual(given.emailTo, ['a@example.com', 'b@example.com']);
    assert.equal(given.teams, false);
    assert.equal(given.access, 'entra');
  });

  it('holds nothing of what a person entered and then hid', () => {
    const given = parametersOf({
      basics: { packageUri: PACKAGE },
      people: { teams: 'no', teamsWebhookUrl: 'https://example.invalid/hook', emailTo: 'a@example.com' },
      access: { entraClientId: SUBSCRIPTION },
    });
    assert.deepEqual([given.teamsWebhookUrl, given.emailTo, given.entraClientId], ['', [], '']);
  });
});

function conditions(): string[] {
  return STEPS.flatMap(({ elements }) =>
    elements.flatMap((one) => [
      'visible' in one ? one.visible : undefined,
      'constraints' in one ? one.constraints.required : undefined,
    ]),
  ).filter((one) => typeof one === 'string');
}
