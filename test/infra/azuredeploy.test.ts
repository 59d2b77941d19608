import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { azuredeploy, azuredeployText, requiredParameters } from './azuredeploy.ts';
import { at, type Deployment, deployment, type SnapshotResource, textAt } from './deployment.ts';

const { lockwatch, code } = azuredeploy.resources;
const ofMain = lockwatch.properties.template.parameters;

const ROOT = join(import.meta.dirname, '../..');

/** Parameters of main.bicep that the template does not offer, with the reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  delivery: 'push needs the function to exist, and the code comes last',
  appPublicAccess: 'Resource Manager hands the code to the app from outside its network',
};
/** Parameters of main.bicep that the template sets by itself, with the reason. */
const FIXED: Readonly<Record<string, { value: unknown; because: string }>> = {
  codeDeployed: { value: true, because: 'the code comes in the same deployment, and no hook follows' },
};
/** Parameters whose default differs from main.bicep's, with the reason. */
const OTHER_DEFAULT: Readonly<Record<string, string>> = {
  location: 'the region of the deployment itself, which the command and the portal ask for',
  access: 'keys: no hook makes an app registration',
};

describe('the template for a deployment without azd', () => {
  it('is deployed to a subscription, and is within the limits of a template', () => {
    assert.match(azuredeploy.$schema, /subscriptionDeploymentTemplate\.json#$/);
    // "Parameters, variables, resources and outputs": "Azure subscription and service limits", section template limits.
    assert.ok(Buffer.byteLength(azuredeployText) < 4_000_000);
    assert.ok(Object.keys(azuredeploy.parameters).length <= 256);
  });

  it('hands every parameter of main.bicep on under its own name, or says why not', () => {
    assert.deepEqual(
      Object.keys(ofMain).filter((name) => !(name in lockwatch.properties.parameters)),
      Object.keys(LEFT_OUT),
    );
    for (const [name, { value }] of Object.entries(lockwatch.properties.parameters))
      assert.equal(value, FIXED[name]?.value ?? `[parameters('${name}')]`);
  });

  it('has the types and defaults of main.bicep, or says why not', () => {
    for (const [name, { type, allowedValues, defaultValue }] of Object.entries(azuredeploy.parameters)) {
      if (name === 'packageUri') continue;
      const own = ofMain[name] ?? assert.fail(`main.bicep has no parameter ${name}`);
      assert.deepEqual({ type, allowedValues }, { type: own.type, allowedValues: own.allowedValues }, name);
      if (name in OTHER_DEFAULT) assert.notDeepEqual(defaultValue, own.defaultValue, name);
      else assert.deepEqual(defaultValue, own.defaultValue, name);
    }
    assert.equal(azuredeploy.parameters.access?.defaultValue, 'keys');
  });

  it('asks only for a name and the address of the package', () =>
    assert.deepEqual(requiredParameters().sort(), ['environmentName', 'packageUri']));

  it('keeps whatever may carry a secret out of the deployment’s history, the address of the package included', () => {
    for (const name of ['packageUri', 'teamsWebhookUrl', 'smtpUrl'])
      assert.equal(azuredeploy.parameters[name]?.type, 'securestring', name);
    assert.equal(code.properties.template.parameters.packageUri?.type, 'securestring');
    for (const [name, { type }] of Object.entries(azuredeploy.outputs)) assert.equal(type, 'string', name);
    assert.doesNotMatch(deployment('without-azd').text, /released-package\.zip/);
  });

  it('puts the code in last, when the app, its identity and its rights are there', () =>
    assert.deepEqual(code.dependsOn, ['lockwatch']));
});

describe('what it deploys', () => {
  const withoutAzd = deployment('without-azd');
  const CODE = 'Microsoft.Web/sites/extensions';

  it('is the same as main.bicep deploys, resource by resource, and the code', () => {
    const others = withoutAzd.resources.filter(({ type }) => type !== CODE);
    assert.ok(others.length > 30);
    assert.deepEqual(comparable(others), comparable(deployment('function-keys').resources));
    const names = ({ outputs }: Deployment) => Object.keys(outputs);
    assert.deepEqual(names(withoutAzd), names(deployment('function-keys')));
  });

  it('fetches the package into the app that it makes, and builds nothing from it', () => {
    const site = withoutAzd.one('Microsoft.Web/sites');
    const extension = withoutAzd.one(CODE);
    assert.equal(extension.id, `${site.id}/extensions/onedeploy`);
    assert.equal(at(extension, 'properties', 'remoteBuild'), false);
    assert.match(textAt(extension, 'properties', 'packageUri'), /^\[parameters\('packageUri'\)\]$/);
  });
});

describe('docs/deploy.md, section Without azd', () => {
  const [, section = ''] = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8').split(/^## Without azd$/m);
  const text = section.split(/^## /m)[0] ?? '';

  it('gives only parameters that the template has, and all that it needs', () => {
    const [, command = ''] = /^ {2}--parameters (.*)$/m.exec(text) ?? [];
    const [, terraform = ''] = /jsonencode\(\{([\s\S]*?)\n {2}\}\)/.exec(text) ?? [];
    for (const given of [
      [...command.matchAll(/(?:^| )(\w+)=/g)].map(([, name]) => name ?? ''),
      [...terraform.matchAll(/^ +(\w+) += \{/gm)].map(([, name]) => name ?? ''),
    ]) {
      for (const name of given) assert.ok(name in azuredeploy.parameters, name);
      for (const name of requiredParameters()) assert.ok(given.includes(name), name);
    }
  });

  it('names what the template leaves out, and its outputs as they are called', () => {
    for (const name of Object.keys(LEFT_OUT)) assert.ok(text.includes(`\`${name}\``), name);
    for (const [, name = ''] of text.matchAll(/[`<](LOCKWATCH_(?!READING)\w+)/g))
      if (!/ENTRA_CLIENT_ID|_URL$/.test(name)) assert.ok(name in azuredeploy.outputs, name);
  });

  it('says what was never run, and what to do where the code is refused', () => {
    assert.match(text, /not run in the portal/);
    assert.match(text, /az functionapp deployment source config-zip/);
    assert.match(text, /released-package\.zip/);
  });
});

/**
 * Resources in an order of their own, with what only Azure knows reduced to its name: where main.bicep is a module
 * itself, the compiler writes the reference to the same value in another way.
 */
function comparable(resources: readonly SnapshotResource[]): string[] {
  return resources.map((one) => withoutReferences(JSON.stringify(one, inOrder))).sort();
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function withoutReferences(text: string): string {
  const start = text.indexOf('reference(');
  if (start < 0) return text;
  let end = start + 'reference('.length;
  for (let open = 1; open > 0; end += 1) open += text[end] === '(' ? 1 : text[end] === ')' ? -1 : 0;
  const path = /^[\w.]*/.exec(text.slice(end))?.[0] ?? '';
  const known = path.split('.').filter((part) => part !== '' && !/^(outputs|value)$/.test(part));
  return `${text.slice(0, start)}<${known.join('.').toLowerCase()}>${withoutReferences(text.slice(end + path.length))}`;
}
