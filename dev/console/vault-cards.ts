import { html, raw } from 'hono/html';
import { stateHtml } from '../../shared/api/pages/condition.ts';
import type { Html } from '../../shared/api/pages/page.ts';
import type { StateForPeople } from '../azure-simulator/http/state-for-people.ts';
import { scenarioButton } from './scenario-button.ts';
import type { StandingChange } from './standing-changes.ts';

type PolicyView = StateForPeople['policies'][number];
type VaultView = StateForPeople['vaults'][number];

/** The changes that people try first; all of them are in the list of scenarios. */
const OF_A_POLICY = [
  ['key-disabled', 'Disable key'],
  ['key-deleted', 'Delete key'],
  ['permissions-revoked', 'Take permission away'],
] as const;
const OF_A_VAULT = [
  ['vault-deleted', 'Delete vault'],
  ['network-restricted', 'Close network'],
] as const;

/** The simulated vaults that policies use, each with its keys, policies and environments. */
export function vaultCards(state: StateForPeople, standing: readonly StandingChange[]): Html {
  const deleted = state.policies.filter(({ vaultDeleted }) => vaultDeleted);
  const gone = [...new Set(deleted.map(({ vault }) => vault))];
  const isUsed = (vault: VaultView) => state.policies.some((policy) => policy.vault === vault.name);
  const without = state.policies.filter(
    ({ vault }) => !state.vaults.some(({ name }) => name === vault) && !gone.includes(vault),
  );
  const unused = state.vaults.filter((vault) => !isUsed(vault)).map(({ name }) => name);
  return html`${state.vaults.filter(isUsed).map((vault) => vaultCard(vault, state, standing))}
${gone.map((name) => deletedVaultCard(name ?? '', state, standing))}
<p class="quiet small">${without.length === 0 ? '' : html`Without a vault that is simulated: ${without.map(({ name, notSimulated }) => `${name} (${notSimulated ?? 'its vault is gone'})`).join(', ')}. `}${unused.length === 0 ? '' : `Vaults that no policy uses: ${unused.join(', ')}.`}</p>`;
}

function vaultCard(vault: VaultView, state: StateForPeople, standing: readonly StandingChange[]): Html {
  const policies = state.policies.filter((policy) => policy.vault === vault.name);
  const subscription = state.subscriptions.find(({ id }) => id === vault.subscriptionId);
  const about = [
    subscription?.name,
    subscription?.state === 'Disabled' ? 'disabled subscription' : undefined,
    vault.rbac ? 'role assignments' : 'access policies',
    networkWords(vault),
    vault.purgeProtection ? undefined : 'no purge protection',
  ].filter((one) => one !== undefined);
  const [first] = policies;
  return html`<article class="panel vault" aria-labelledby="vault-${vault.name}">
<header><h3 id="vault-${vault.name}">${vault.name}</h3><p class="quiet small">${about.join(' · ')}</p></header>
${undoStrip(vault.name, standing)}
${policies.map((policy) => policyRow(policy, vault))}
${first === undefined ? '' : html`<div class="buttons whole-vault">${OF_A_VAULT.map(([scenario, text]) => scenarioButton({ scenario, policy: first.name }, text, { about: vault.name }))}</div>`}
</article>`;
}

function deletedVaultCard(name: string, state: StateForPeople, standing: readonly StandingChange[]): Html {
  const purge = state.deletedVaults.find((entry) => entry.name === name)?.scheduledPurgeDate;
  return html`<article class="panel vault" aria-labelledby="vault-${name}">
<header><h3 id="vault-${name}">${name}</h3><p class="small">${stateHtml('down', 'Deleted')}${purge === undefined ? '' : ` Azure purges it on ${purge.slice(0, 10)}.`}</p></header>
${undoStrip(name, standing)}
${state.policies.filter(({ vault }) => vault === name).map((policy) => policyRow(policy))}
</article>`;
}

function networkWords({ network }: VaultView): string {
  if (network.publicNetworkAccess !== 'Enabled') return 'no public network access';
  return network.defaultAction === 'Allow' ? 'open network' : 'restricted network';
}

/** Each change that is still in force here, with its undo. */
function undoStrip(vault: string, standing: readonly StandingChange[]): Html {
  const here = standing.filter((change) => change.vault === vault);
  if (here.length === 0) return html``;
  return html`<ul class="standing">${here.map(
    ({ scenario, undo, policy }) =>
      html`<li><span><code>${scenario}</code>${policy === undefined ? '' : ` on ${policy}`}</span>${scenarioButton({ scenario: undo, policy }, 'Undo', { isMain: true, about: `${scenario} ${policy ?? ''}` })}</li>`,
  )}</ul>`;
}

function policyRow(policy: PolicyView, vault?: VaultView): Html {
  const { name, key, outOfReach, deleted, environments, health } = policy;
  const condition = outOfReach === undefined ? 'fine' : 'down';
  return html`<div class="policy">
<p class="chain-line"><span class="quiet small">key</span> <strong>${key ?? 'none'}</strong> <span class="quiet small">${versionsOf(policy, vault)}</span></p>
<p class="chain-line"><span class="quiet small">policy</span> <strong>${name}</strong> ${stateHtml(condition, deleted ? 'Deleted' : outOfReach === undefined ? 'Can use its key' : 'Can’t use its key')}</p>
${outOfReach === undefined ? '' : html`<p class="small why">Because ${outOfReach}. The policy calls itself ${health}.</p>`}
<ul class="environments" aria-label="Environments of ${name}">${environments.map((environment) => environmentItem(environment))}${environments.length === 0 ? html`<li class="quiet small">No environment.</li>` : ''}</ul>
<div class="buttons">${deleted ? '' : OF_A_POLICY.map(([scenario, text]) => scenarioButton({ scenario, policy: name }, text, { about: `${key} of ${name}` }))}${repairs(policy)}</div>
</div>`;
}

function environmentItem({ name, sku, runtime }: PolicyView['environments'][number]): Html {
  const isOn = runtime === 'Enabled';
  return html`<li class="${isOn ? 'on' : 'off'}"><span aria-hidden="true">${isOn ? '●' : '✕'}</span> ${name} <span class="small">${sku}${isOn ? raw('<span class="unseen">, enabled</span>') : ', disabled'}</span></li>`;
}

function versionsOf({ key, keyVersion }: PolicyView, vault: VaultView | undefined): string {
  if (vault?.deletedKeys.includes(key ?? '')) return 'deleted';
  const versions = vault?.keys.find(({ name }) => name === key)?.versions;
  if (versions === undefined) return '';
  const off = versions.filter(({ enabled }) => !enabled).length;
  const expiry = versions.at(-1)?.exp;
  return [
    `${versions.length} ${versions.length === 1 ? 'version' : 'versions'}${off === 0 ? '' : off === versions.length ? ', all disabled' : `, ${off} disabled`}`,
    keyVersion === undefined ? undefined : `pinned to version ${keyVersion.slice(0, 6)}…`,
    expiry === undefined ? undefined : `expires ${new Date(expiry * 1000).toISOString().slice(0, 10)}`,
  ]
    .filter((one) => one !== undefined)
    .join(' · ');
}

/**
 * Restored access enables nothing: a person does, for each environment (Power Platform docs: Lock environments).
 * A recovered vault has lost its role assignments.
 */
function repairs({ name, outOfReach, environments }: PolicyView): Html {
  if (outOfReach === undefined)
    return environments.some(({ runtime }) => runtime !== 'Enabled')
      ? scenarioButton({ scenario: 'reenable-environment', policy: name }, 'Re-enable environments', {
          isMain: true,
          about: name,
        })
      : html``;
  return /right|permission|role|grant/i.test(outOfReach)
    ? scenarioButton({ scenario: 'grant-permissions', policy: name }, 'Grant permission', { about: name })
    : html``;
}
