import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { azCommand, shellQuote } from '../../shared/triggers/az-command.ts';
import { textOfAnyCharacters } from '../simulation/any-text.ts';

test('a plain name stays bare, one with a space or a bracket goes into single quotes', () => {
  assert.equal(shellQuote('kv-eu_1.x'), 'kv-eu_1.x');
  assert.equal(shellQuote('/subscriptions/1/resourceGroups/rg'), '/subscriptions/1/resourceGroups/rg');
  assert.equal(shellQuote('rg (old)'), "'rg (old)'");
  assert.equal(shellQuote('Schlüssel'), "'Schlüssel'");
});

test('what some shell could take for more than text gives no command at all', () => {
  for (const bad of [
    "a'b",
    'a"b',
    'a$(id)',
    'a`id`',
    'a;id',
    'a&calc',
    'a|b',
    'a>b',
    'a%PATH%',
    'a\nb',
    'a\\b',
    'a’b',
    'a!b',
    '',
  ]) {
    assert.equal(shellQuote(bad), undefined, JSON.stringify(bad));
    assert.equal(azCommand('keyvault show', ['--name', bad]), undefined, JSON.stringify(bad));
  }
});

test('a value that is not known gives no command, rather than one with a hole', () => {
  assert.equal(azCommand('keyvault show', ['--name', undefined]), undefined);
  assert.equal(azCommand('keyvault show', ['--name']), undefined);
  assert.equal(azCommand('keyvault key set-attributes', ['--ops', 'sign', undefined]), undefined);
});

test('options, lists of values and bare words come out in order', () => {
  assert.equal(
    azCommand('keyvault set-policy', ['--name', 'kv'], ['--key-permissions', 'get', 'wrapKey'], '--yes'),
    'az keyvault set-policy --name kv --key-permissions get wrapKey --yes',
  );
});

test("a name that begins with a dash can't be read as an option", () => {
  assert.equal(azCommand('keyvault key show', ['--name', '-k']), 'az keyvault key show --name=-k');
  assert.equal(azCommand('keyvault key show', ['--name', '-k (1)']), "az keyvault key show --name='-k (1)'");
});

test('a shell reads every quoted value back as exactly that one value', () => {
  const values = fc.sample(textOfAnyCharacters({ minLength: 1, maxLength: 12 }), {
    numRuns: 300,
    seed: 7,
  });
  const quoted = values.flatMap((value) => {
    const text = shellQuote(value);
    return text === undefined ? [] : [{ value, text }];
  });
  quoted.push({ value: 'rg (old), x=1', text: String(shellQuote('rg (old), x=1')) });
  const script = `printf '%s\\0' ${quoted.map(({ text }) => text).join(' ')}`;
  const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  assert.deepEqual(
    stdout.split('\0').slice(0, -1),
    quoted.map(({ value }) => value),
  );
});
