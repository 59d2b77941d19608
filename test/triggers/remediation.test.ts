import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { emailText } from '../../shared/notices/render/email-text.ts';
import { mergeSteps } from '../../shared/notices/say/merge-steps.ts';
import { say } from '../../shared/notices/say/say.ts';
import { TRIGGER_IDS, type TriggerId } from '../../shared/triggers/finding.ts';
import { aNotice, anIncident, causeOf, SAY } from '../notices/a-notice.ts';
import { bothTripped, TWO_CAUSES, tripped, VAULT_NETWORKS, type VaultNetwork } from './tripped.ts';

/** Read by a person when they change: `UPDATE_TEXTS=1 npm test -- test/triggers/remediation.test.ts`, then the diff. */
const FOLDER = join(import.meta.dirname, 'remediation');
const UPDATES = process.env.UPDATE_TEXTS === '1';
const NETWORKS = Object.keys(VAULT_NETWORKS) as VaultNetwork[];

function stepsOf(trigger: TriggerId, network: VaultNetwork) {
  const findings = tripped(trigger, network);
  return findings && mergeSteps([anIncident('ep-a', { causes: findings.map(causeOf) }).incident]);
}

for (const trigger of TRIGGER_IDS)
  test(`how to undo ${trigger} at each network setting of the vault, word for word`, () => {
    const text = NETWORKS.map((network) => {
      const findings = tripped(trigger, network);
      const shown = findings ? remediationText(findings.map(causeOf)) : 'does not occur\n';
      return `=== ${trigger}, network of the vault: ${network}\n${shown}`;
    }).join('\n');
    assertReviewed(trigger, text);
  });

test('how to undo two causes at once, word for word', () => {
  const texts = TWO_CAUSES.map((both) => {
    const [trigger, network] = both;
    return `=== ${trigger} and ${network}\n${remediationText(bothTripped(both).map(causeOf))}`;
  });
  assertReviewed('two-causes', texts.join('\n'));
});

for (const both of TWO_CAUSES) {
  const [trigger, network] = both;
  test(`${trigger} and ${network} at once: every step of both, the network is opened first, and each thing is said once`, () => {
    const causes = bothTripped(both).map(causeOf);
    const steps = mergeSteps([anIncident('ep-a', { causes }).incident]);
    const at = (command: RegExp) => steps.findIndex((step) => command.test(step.command ?? ''));
    const [opens, undoes] = [
      at(/^az keyvault update .*--bypass AzureServices/),
      at(trigger === 'key-disabled' ? /^az keyvault key set-attributes/ : /^az role assignment create/),
    ];
    assert.ok(opens !== -1 && undoes !== -1, 'the steps of both');
    if (trigger === 'key-disabled') assert.ok(opens < undoes, 'the key can be reached only then');
    const commands = steps.flatMap(({ command }) => command ?? []);
    assert.equal(new Set(commands).size, commands.length, 'no command twice');
    assert.equal(new Set(steps.map(({ text }) => text)).size, steps.length, 'no sentence twice');
    const hasClosedAgain = at(/--public-network-access Disabled/) !== -1;
    assert.ok(!hasClosedAgain, 'the network that locks them is not closed again');
  });
}

function assertReviewed(name: string, text: string): void {
  const path = join(FOLDER, `${name}.txt`);
  if (UPDATES) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path, text);
  }
  assert.equal(text, readFileSync(path, 'utf8'));
}

function remediationText(causes: ReturnType<typeof causeOf>[]): string {
  const message = say(aNotice('opened', [anIncident('ep-a', { causes })]), SAY);
  const sections = message.sections.filter(({ id }) => id === 'remediation');
  const text = emailText({ ...message, lead: [], glance: [], sections, links: [], footer: '' });
  return `Causes: ${causes.map(({ trigger }) => trigger).join(', ')}\n${text.trimEnd()}\n`;
}

const every = TRIGGER_IDS.flatMap((trigger) =>
  NETWORKS.map((network) => ({ trigger, network, steps: stepsOf(trigger, network) ?? [] })),
);

test('every step names the role or the permission that it needs', () => {
  const abstention = /^Do not make a new policy/;
  for (const { trigger, network, steps } of every)
    for (const { text } of steps)
      assert.match(
        text,
        /\b(?:Reader|Contributor|Owner|Officer|Administrator)\b|key permission|read access to the policy|^Do not make/,
        `${trigger}, ${network}: ${text} ${abstention.test(text)}`,
      );
});

test('where the network is closed to the reader, it is opened before the first step on the key and closed again after the last', () => {
  let seen = 0;
  for (const { trigger, network, steps } of every) {
    const at = (command: RegExp) => steps.findIndex((step) => command.test(step.command ?? ''));
    const onKey = steps.map(
      ({ command = '', portal = '' }) => /^az keyvault key /.test(command) || / → Keys/.test(portal),
    );
    const [first, last] = [onKey.indexOf(true), onKey.lastIndexOf(true)];
    if (first === -1) continue;
    seen += 1;
    const where = `${trigger}, ${network}`;
    const [add, remove] = [at(/network-rule add .*--ip-address/), at(/network-rule remove .*--ip-address/)];
    const [on, off] = [at(/--public-network-access Enabled/), at(/--public-network-access Disabled/)];
    if (network === 'open') assert.deepEqual([add, remove, on, off], [-1, -1, -1, -1], where);
    if (network === 'selected networks') {
      assert.ok(add !== -1 && add < first && remove > last, where);
      assert.deepEqual([on, off], [-1, -1], where);
    }
    if (network === 'disabled' && trigger !== 'locked') {
      assert.ok(add !== -1 && add < on && on < first, where);
      assert.match(steps[on]?.command ?? '', /--default-action Deny$/, 'never open to all');
      assert.ok(off > last && remove > last, where);
    }
    if (network === 'perimeter') {
      assert.ok(on !== -1 && on < first, where);
      assert.match(steps[on - 1]?.text ?? '', /out of its network security perimeter/);
    }
  }
  assert.ok(seen > 20, `${seen}`);
});

test('steps that change the network or a role name Azure Policy and ReadOnly locks, with the command that shows them', () => {
  const changes = /^az (?:keyvault (?:update|network-rule|set-policy|recover)|role assignment create) /;
  /** Resources of their own: a role assignment, and a vault that is made again. */
  const apart = /^az (?:role assignment create|keyvault recover) /;
  for (const { trigger, network, steps } of every) {
    const where = `${trigger}, ${network}`;
    const first = steps.find(({ command = '' }) => changes.test(command));
    const ofVault = steps.find(({ command = '' }) => command.startsWith('az policy state list'));
    const ofGroup = steps.find(({ command = '' }) => command.startsWith('az policy assignment list'));
    const locks = steps.find(({ command = '' }) => command.startsWith('az lock list'));
    if (first === undefined) continue;
    const needsGroup = steps.some(({ command = '' }) => apart.test(command));
    assert.ok(
      needsGroup ? ofGroup : ofVault,
      `${where}: the compliance of the vault shows no role assignment`,
    );
    for (const one of [ofVault, ofGroup])
      if (one) assert.match(one.text, /RequestDisallowedByPolicy.*effect deny or modify/, where);
    if (ofVault)
      assert.match(ofVault.command ?? '', /--resource \/subscriptions\/.*'deny' or .*'modify'/, where);
    if (ofGroup)
      assert.match(
        ofGroup.command ?? '',
        /--scope \/subscriptions\/[-0-9a-f]+\/resourceGroups\/[\w-]+ --disable-scope-strict-match /,
        where,
      );
    assert.match(locks?.text ?? '', /ScopeLocked.*ReadOnly/, where);
    assert.match(locks?.command ?? '', /--query "\[\?level=='ReadOnly'\]/, where);
    assert.ok(
      steps.some(({ text }) => text.includes('see the last steps')),
      where,
    );
  }
});
