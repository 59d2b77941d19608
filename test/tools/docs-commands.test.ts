import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { VARIABLES } from '../../tools/deploy/variables.ts';
import { commandsIn, type ShownCommand } from './command-lines.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const DOCUMENTS = ['docs/deploy.md', 'docs/operations.md'];
const COMMANDS = DOCUMENTS.flatMap((file) => commandsIn(file, read(file)));
const by = (program: string) => COMMANDS.filter(({ words }) => words[0] === program);

/**
 * Subcommands and their options, as far as the documents use them, core commands only. Written by hand: the Azure CLI
 * publishes no table of them. Each entry was read against a source; "ref" is the reference in
 * MicrosoftDocs/azure-docs-cli, latest/docs-ref-autogen/<group>.yml.
 * - ref: `deployment mg create`, `eventgrid system-topic event-subscription delete`, `monitor diagnostic-settings delete`,
 *   `role assignment create` and `delete`, `role definition create` and `delete`, `storage entity delete` and `query`,
 *   `storage message clear` and `peek`, `ts create` and `show`.
 * - Azure/azure-cli itself: `functionapp list-flexconsumption-locations` (tests of the module appservice, with
 *   --zone-redundant), `storage blob generate-sas` (_params.py of the module storage: as_user, full_uri),
 *   `network vnet subnet update` (a recommendation printed by the module appservice: --delegations).
 * - The syntax lines of the CLI's own help, generated from it: `account get-access-token` (without --scope, which is
 *   newer), `functionapp keys set`, `group create`, `keyvault recover`, `lock delete` and `list`, `rest`.
 * - Use in public scripts alone: `functionapp deployment source config-zip`, `keyvault secret set` (--file,
 *   --encoding), `provider register` (--wait), `network vnet subnet update --ids`.
 * Not verified: every other entry. They are commands that have been in the CLI for years.
 */
const AZ: Readonly<Record<string, string>> = {
  login: '--tenant',
  rest: '--method --url --uri --body --headers --resource',
  'account get-access-token': '--resource --scope --tenant',
  'account show': '',
  'ad app delete': '--id',
  'ad sp show': '--id',
  'cloud set': '--name -n',
  'deployment group delete': '--name --resource-group -g',
  'deployment mg create': '--management-group-id --location --template-file --parameters --name',
  'deployment sub create': '--location --template-file --template-uri --parameters --name',
  'deployment sub show': '--name',
  'deployment sub list': '',
  'eventgrid system-topic event-subscription delete': '-g --resource-group --system-topic-name -n --name',
  'functionapp config appsettings list': '-g -n',
  'functionapp keys list': '-g -n',
  'functionapp keys set': '-g -n --key-type --key-name --key-value',
  'functionapp deployment source config-zip': '--resource-group --name --src',
  'functionapp list-flexconsumption-locations': '--zone-redundant',
  'functionapp restart': '-g -n',
  'group create': '--name --location --tags',
  'group delete': '--name --yes',
  'keyvault recover': '--name --location',
  'keyvault secret set': '--vault-name --name --file --encoding',
  'lock delete': '--name --resource-group',
  'lock list': '',
  'monitor diagnostic-settings delete': '--resource --name',
  'network vnet subnet update': '--ids --delegations --name --vnet-name --resource-group',
  'provider register': '--namespace -n --wait',
  'resource list': '--resource-type --name --tag',
  'role assignment create': '--assignee-object-id --assignee-principal-type --role --scope',
  'role assignment delete': '--assignee --scope --role',
  'role definition create': '--role-definition',
  'role definition delete': '--name --scope',
  'storage blob generate-sas':
    '--auth-mode --as-user --account-name --container-name --name --permissions --expiry --https-only --full-uri',
  'storage blob upload': '--auth-mode --account-name --container-name --name --file --overwrite',
  'storage blob list': '--account-name --container-name --auth-mode',
  'storage entity delete': '--table-name --account-name --auth-mode --partition-key --row-key --if-match',
  'storage entity query': '--table-name --account-name --auth-mode --filter',
  'storage message clear': '--queue-name --account-name --auth-mode',
  'storage message peek': '--queue-name --account-name --auth-mode --num-messages',
  'storage table delete': '--name --account-name --auth-mode',
  'ts create': '--name --resource-group --location --version --template-file',
  'ts show': '--name --resource-group --version',
};
/** "Azure CLI: global parameters". */
const AZ_GLOBAL = '--output -o --query --subscription --only-show-errors --help --debug --verbose'.split(' ');

/** Azure/azure-dev, cli/azd/cmd/testdata/TestUsage-azd-*.snap. */
const AZD: Readonly<Record<string, string>> = {
  up: '-e --environment -l --location --subscription',
  provision: '-e --environment -l --location --subscription --no-state --preview',
  deploy: '-e --environment --all --from-package --timeout',
  down: '-e --environment --force --purge',
  'auth login': '--tenant-id --use-device-code --client-id --federated-credential-provider',
  'config set': '',
  'env new': '-l --location --subscription -e --environment',
  'env set': '-e --environment --file',
  'env get-value': '-e --environment',
  'env get-values': '-e --environment --output',
  'pipeline config':
    '-e --environment --auth-type --principal-id --principal-name --principal-role --provider --remote-name',
};
const AZD_GLOBAL = '-C --cwd --debug --docs -h --help --no-prompt'.split(' ');

/** Outputs of the deployment, which azd keeps in its environment. */
const OUTPUTS = [...read('infra/main.bicep').matchAll(/^output (\w+) /gm)].map(([, name]) => name ?? '');

/** The longest subcommand of the table that the words begin with; `<placeholder>` and options end it. */
function subcommand(words: readonly string[], table: Readonly<Record<string, string>>): string | undefined {
  const plain = words.slice(1, words.findIndex((word, at) => at > 0 && !/^[a-z][a-z-]*$/.test(word)) >>> 0);
  for (let length = plain.length; length > 0; length -= 1) {
    const name = plain.slice(0, length).join(' ');
    if (name in table) return name;
  }
  return undefined;
}

function optionFaults(
  { file, words }: ShownCommand,
  table: Readonly<Record<string, string>>,
  global: readonly string[],
): string[] {
  const shown = `${file}: ${words.join(' ')}`;
  const name = subcommand(words, table);
  // A bare mention of a group of commands, such as `az rest` or `azd env set`, is in the table too.
  if (name === undefined) return [`${shown}: no such command`];
  const known = [...(table[name] ?? '').split(' '), ...global];
  return words
    .filter((word) => /^--?[a-z]/i.test(word))
    .filter((word) => !known.includes(word.split('=')[0] ?? ''))
    .map((word) => `${shown}: ${name} has no ${word}`);
}

describe('the commands in docs/deploy.md and docs/operations.md', () => {
  it('are found, those in the middle of others as well', () => {
    assert.ok(COMMANDS.length > 60, `${COMMANDS.length}`);
    const [nested] = commandsIn('x', '`az a --b "$(azd env get-value X)" | npm run y`').slice(1);
    assert.deepEqual(nested?.words, ['npm', 'run', 'y']);
    assert.ok(commandsIn('x', '`az a --b "$(azd env get-value X)"`').some(({ words }) => words[3] === 'X'));
  });

  it('of the Azure CLI exist, with each of their options', () => {
    assert.ok(by('az').length > 25);
    assert.deepEqual(
      by('az').flatMap((one) => optionFaults(one, AZ, AZ_GLOBAL)),
      [],
    );
  });

  it('of the Azure Developer CLI exist, with each of their options', () => {
    assert.ok(by('azd').length > 25);
    assert.deepEqual(
      by('azd').flatMap((one) => optionFaults(one, AZD, AZD_GLOBAL)),
      [],
    );
  });

  it('that run an npm script run one that exists, and the doctor with options that it has', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const doctor = [...read('tools/doctor/main.ts').matchAll(/^ {8}'?([a-z-]+)'?: \{ type: /gm)].map(
      ([, name]) => `--${name}`,
    );
    const notify = read('tools/notify-test.ts');
    for (const { file, words } of by('npm')) {
      const [, verb, ...rest] = words.filter((word) => word !== '-s');
      if (verb === 'ci') continue;
      assert.equal(verb, 'run', `${file}: ${words.join(' ')}`);
      assert.ok(scripts[rest[0] ?? ''], `${file}: npm run ${rest[0]} does not exist`);
      const options = rest.slice(1).filter((word) => /^--[a-z]/.test(word));
      if (rest[0] === 'doctor')
        for (const option of options) assert.ok(doctor.includes(option), `${file}: ${option}`);
      if (rest[0] === 'notify:test')
        for (const option of options)
          assert.ok(notify.includes(option.replace('--', '')), `${file}: ${option}`);
      if (rest.includes('--')) continue;
      assert.deepEqual(options, [], `${file}: ${words.join(' ')}: options come after --`);
    }
  });

  it('set and read variables that exist', () => {
    const known = [...Object.keys(VARIABLES), ...OUTPUTS];
    for (const { file, words } of by('azd')) {
      if (words[1] !== 'env') continue;
      const name = words[3];
      if (name === undefined || name === 'NAME' || /^(get-values|new)$/.test(words[2] ?? '')) continue;
      assert.ok(known.includes(name), `${file}: ${words.join(' ')}: there is no variable ${name}`);
      if (words[2] === 'set') assert.ok(name in VARIABLES, `${file}: ${name} is an output`);
    }
    for (const file of DOCUMENTS)
      for (const [, name = ''] of read(file).matchAll(/<((?:LOCKWATCH|AZURE)_\w+)>/g))
        assert.ok(known.includes(name), `${file}: <${name}>`);
  });

  it('set variables to values of their form', () => {
    for (const { file, words } of by('azd')) {
      const [, , verb, name = '', value] = words;
      if (verb !== 'set' || value === undefined || /[<…]/.test(value) || !(name in VARIABLES)) continue;
      const faults = value === '' ? [] : (VARIABLES[name]?.(value) ?? []);
      assert.deepEqual(faults, [], `${file}: ${words.join(' ')}`);
    }
  });

  it('carry JSON that parses', () => {
    let seen = 0;
    for (const file of DOCUMENTS)
      for (const [, json = ''] of read(file).matchAll(/'([{[](?!:).*?[}\]])'/g)) {
        assert.doesNotThrow(() => JSON.parse(json), `${file}: ${json}`);
        seen += 1;
      }
    assert.ok(seen >= 4, `${seen}`);
  });

  it('name files of this repository that are there', () => {
    for (const { file, words } of COMMANDS)
      for (const word of words)
        if (/^(infra|tools|dev|docs)\/[\w./-]+$/.test(word))
          assert.ok(existsSync(join(ROOT, word)), `${file}: ${word}`);
  });

  it('that do not exist are found', () => {
    const faults = (line: string) =>
      commandsIn('planted', `\`${line}\``).flatMap((one) =>
        one.words[0] === 'az' ? optionFaults(one, AZ, AZ_GLOBAL) : optionFaults(one, AZD, AZD_GLOBAL),
      );
    for (const line of [
      'az functionapp reboot -g x',
      'az group delete --force',
      'azd provision --again',
      'azd env get LOCKWATCH_URL',
      'az keyvault recover --name "$(azd env print X)"',
    ])
      assert.equal(faults(line).length, 1, line);
  });
});
