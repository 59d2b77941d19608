import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const ROOT = join(import.meta.dirname, '../../..');

/** Mentions of `azd provision` that promise no repair, by a part of their line, with the reason. */
const NO_REPAIR: readonly (readonly [part: string, reason: string])[] = [
  ['If it must not be there, leave the answer empty', 'the first provisioning, of which there is no state'],
  ['so the first `azd provision` makes the domain', 'the first provisioning; the second is with --no-state'],
  ['or the next `azd provision` writes the old one back', 'a warning about a variable that is still set'],
  ['`azd provision --preview`', 'a preview deploys nothing'],
  ['`azd provision` skips a template that did not change', 'says the rule itself'],
];

/**
 * The mentions that promise a repair and would do nothing: `azd provision` skips a template whose hash and parameters
 * are those of the last deployment (Azure/azure-dev, `deploymentState` in
 * cli/azd/pkg/infra/provisioning/bicep/bicep_provider.go). After an `azd env set` in the same step the parameters differ.
 */
function emptyPromises(file: string, text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    if (NO_REPAIR.some(([part]) => line.includes(part))) return [];
    const mentions = [...line.matchAll(/azd (provision|up)\b(?! --no-state)(?!-)/g)];
    return mentions
      .filter(({ 0: mention, index: at }) => {
        const before = line.slice(0, at);
        if (/azd env set [A-Z$N]|azd env set NAME/.test(before)) return false;
        return mention === 'azd provision' || /\b(again|creates?|puts?|repairs?) [^.|]*$/i.test(before);
      })
      .map(() => `${file}:${index + 1}: ${line.trim().slice(0, 160)}`);
  });
}

const PIPELINES = ['.github/workflows', '.azdo/pipelines'];

function filesUnder(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

describe('azd provision', () => {
  const files = [
    'README.md',
    'infra/README.md',
    ...filesUnder('docs', '.md'),
    // A pipeline that runs again is how people repair: nobody sets a variable in the same step.
    ...PIPELINES.flatMap((folder) => filesUnder(folder, '.yml')),
    ...['shared', 'functions', 'tools'].flatMap((folder) => filesUnder(folder, '.ts')),
  ];

  it('is said with --no-state wherever a repair is promised and no variable was set in the same step', () => {
    assert.ok(files.length > 300);
    for (const folder of PIPELINES) assert.ok(files.includes(join(folder, 'azure-dev.yml')), folder);
    const texts = files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')] as const);
    assert.ok(texts.filter(([, text]) => text.includes('azd provision --no-state')).length >= 4);
    assert.deepEqual(
      texts.flatMap(([file, text]) => emptyPromises(file, text)),
      [],
    );
  });

  it('is found where it would skip what was deleted', () => {
    for (const line of [
      '`npm run doctor` shows the wiring, `azd provision` puts it back.',
      'someone deleted it: `azd provision` creates it again.',
      "return { what, command: 'azd provision' };",
      'To create it again run azd up.',
      '          azd provision --no-prompt',
    ])
      assert.equal(emptyPromises('planted', line).length, 1, line);
    for (const line of [
      '`azd env set LOCKWATCH_DELIVERY push` and `azd provision`',
      '`azd provision --no-state` creates it again',
      'An admin runs `azd up`.',
    ])
      assert.deepEqual(emptyPromises('planted', line), [], line);
  });
});
