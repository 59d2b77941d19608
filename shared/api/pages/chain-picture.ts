import { html } from 'hono/html';
import { armIdParts } from '../../azure/arm-id.ts';
import { count } from '../../notices/say/words.ts';
import type { TriggerId } from '../../triggers/finding.ts';
import { triggerOf } from '../../triggers/register.ts';
import { policyAddress, vaultAddress } from './addresses.ts';
import { CONDITIONS, type Condition, stateHtml, worstCondition } from './condition.ts';
import type { Html } from './page.ts';
import {
  conditionOfPolicy,
  environmentsOfPolicy,
  policyWord,
  type StatusPolicy,
} from './policy-condition.ts';
import { nameHtml, plainName } from './text.ts';

/** A vault, and the policies whose key is in it. `vaultId` null: the policy has not been read. */
export interface VaultChain {
  vaultId: string | null;
  policies: readonly StatusPolicy[];
}

/** The gravest vault first; within a vault the gravest policy. Pure. */
export function chainsOf(policies: readonly StatusPolicy[]): VaultChain[] {
  const rank = (policy: StatusPolicy) => CONDITIONS.indexOf(conditionOfPolicy(policy));
  return [...Map.groupBy(policies, ({ vaultId }) => vaultId?.toLowerCase() ?? '')]
    .map(([, own]) => ({
      vaultId: own[0]?.vaultId ?? null,
      policies: own.toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1)),
    }))
    .sort(
      (a, b) =>
        Math.min(...a.policies.map(rank)) - Math.min(...b.policies.map(rank)) ||
        ((a.vaultId ?? '') < (b.vaultId ?? '') ? -1 : 1),
    );
}

export function conditionOfChain({ policies }: VaultChain): Condition {
  return worstCondition(policies.map(conditionOfPolicy));
}

export function chainVaultName({ vaultId }: VaultChain): string {
  return vaultId === null ? 'vault not known' : plainName(armIdParts(vaultId).name || vaultId, 60);
}

type Link = 'vault' | 'key' | 'policy';
/** The link of the chain at which each kind of cause breaks it. */
const BROKEN_AT: Record<NonNullable<ReturnType<typeof triggerOf>>['about'], Link> = {
  vault: 'vault',
  network: 'vault',
  key: 'key',
  permission: 'key',
  policy: 'policy',
  effect: 'policy',
};

function brokenAt({ incident, findings }: StatusPolicy): { link: Link; trigger: TriggerId } | undefined {
  if (incident?.state === 'accessRestored') return undefined;
  const cause =
    incident?.triggers[0] ?? findings.find(({ verdict }) => verdict === 'revoked' || verdict === 'suspected');
  const about = cause && triggerOf(cause.trigger)?.about;
  return cause && about ? { link: BROKEN_AT[about], trigger: cause.trigger } : undefined;
}

const POLICIES_DRAWN = 5;
const WIDTH = 340;
const ROW = 58;
const TOP = 116;

/** Vault → key → policies → environments as a picture; its table says the same. */
export function chainPicture(chain: VaultChain, id: string): Html {
  const drawn = chain.policies.slice(0, POLICIES_DRAWN);
  const rest = chain.policies.length - drawn.length;
  const height = TOP + drawn.length * ROW + (rest > 0 ? 24 : 0);
  const breaks = drawn.map(brokenAt);
  const atVault = breaks.find((one) => one?.link === 'vault');
  const isDoubted = drawn.every((policy) => conditionOfPolicy(policy) === 'unknown');
  const keys = [...new Set(chain.policies.map(({ keyName }) => keyName ?? 'not known'))];
  const keyText = keys.length === 1 ? plainName(keys[0], 28) : `${keys.length} keys`;
  const linkOf = (one: { link: Link } | undefined, link: Link, condition: Condition) =>
    one?.link === link ? 'link broken' : condition === 'unknown' ? 'link doubted' : 'link';
  return html`<svg class="chain" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}"><title id="${id}">${chainSentence(chain)}</title>
<path class="${atVault ? 'link broken' : isDoubted ? 'link doubted' : 'link'}" d="M24 42V66"/>
${box(1, 4, 'vault', chainVaultName(chain), atVault ? 'down' : undefined)}
${box(1, 66, 'key', keyText, breaks.some((one) => one?.link === 'key') ? 'down' : undefined)}
${atVault ? mark(24, 54) : ''}
${drawn.map((policy, index) => {
  const condition = conditionOfPolicy(policy);
  const y = TOP + index * ROW;
  const broken = breaks[index];
  return html`<path class="${linkOf(broken, 'key', condition)}" d="M12 ${index === 0 ? 104 : y - ROW + 22}V${y + 22}H28"/>
<path class="${linkOf(broken, 'policy', condition)}" d="M150 ${y + 22}H174"/>
<rect class="${broken?.link === 'policy' ? condition : ''}" x="28" y="${y + 2}" width="122" height="42" rx="4"/><text class="kind" x="36" y="${y + 17}">policy</text><text x="36" y="${y + 35}">${plainName(policy.name, 15)}</text>
<rect class="${condition}" x="174" y="${y + 2}" width="164" height="42" rx="4"/><text class="kind" x="182" y="${y + 17}">${amountText(policy)}</text><text class="said ${condition}" x="182" y="${y + 35}">${shortWord(policy, condition)}</text>
${broken?.link === 'key' ? mark(20, y + 22) : ''}${broken?.link === 'policy' ? mark(162, y + 22) : ''}`;
})}
${rest > 0 ? html`<text class="kind" x="28" y="${height - 6}">and ${count(rest, 'more policy')}</text>` : ''}</svg>`;
}

function box(x: number, y: number, kind: string, name: string, condition?: Condition): Html {
  return html`<rect class="${condition ?? ''}" x="${x}" y="${y}" width="260" height="38" rx="4"/><text class="kind" x="${x + 10}" y="${y + 14}">${kind}</text><text x="${x + 10}" y="${y + 30}">${plainName(name, 32)}</text>`;
}

function mark(x: number, y: number): Html {
  return html`<g class="mark"><circle cx="${x}" cy="${y}" r="9"/><path d="M${x - 4} ${y - 4}l8 8M${x + 4} ${y - 4}l-8 8"/></g>`;
}

function amountText(policy: StatusPolicy): string {
  const amount = environmentsOfPolicy(policy);
  return amount === null ? 'environments' : count(amount, 'environment');
}

const SHORT: Record<Condition, string> = {
  down: 'offline',
  suspected: 'may be offline',
  restored: 'to be enabled',
  unknown: 'not known',
  fine: 'fine',
  over: '',
};

function shortWord(policy: StatusPolicy, condition: Condition): string {
  return policy.supported ? SHORT[condition] : 'not judged';
}

/** "Vault kv-eu, key cmk: the chain is broken at the key (key disabled) for 2 of 3 policies." */
function chainSentence(chain: VaultChain): string {
  const broken = chain.policies.flatMap((policy) => brokenAt(policy) ?? []);
  const [first] = broken;
  const where = `Vault ${chainVaultName(chain)}, ${count(chain.policies.length, 'policy')}`;
  if (first)
    return `${where}: broken at the ${first.link} (${causeText(first.trigger)}) for ${broken.length} of them.`;
  return `${where}: ${SHORT[conditionOfChain(chain)]}.`;
}

function causeText(trigger: TriggerId): string {
  return trigger.replaceAll('-', ' ');
}

/** The same as the picture, in a table. */
export function chainTable(chain: VaultChain, most = 20): Html {
  const shown = chain.policies.slice(0, most);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of vault ${chainVaultName(chain)}"><table><thead><tr><th scope="col">Policy</th><th scope="col">Key</th><th scope="col">Environments</th><th scope="col">State</th></tr></thead><tbody>${shown.map(
    (policy) => {
      const broken = brokenAt(policy);
      return html`<tr><th scope="row"><a href="${policyAddress(policy.id)}">${nameHtml(policy.name, 60)}</a></th><td>${nameHtml(policy.keyName ?? 'not known', 60)}</td><td class="number">${environmentsOfPolicy(policy) ?? '?'}</td><td>${stateHtml(conditionOfPolicy(policy), policyWord(policy))}${broken ? html` <span class="small">broken at the ${broken.link}: ${causeText(broken.trigger)}</span>` : ''}</td></tr>`;
    },
  )}</tbody></table></div>${shown.length < chain.policies.length && chain.vaultId !== null ? html`<p class="small"><a href="${vaultAddress(chain.vaultId)}">All ${chain.policies.length} policies of this vault</a></p>` : ''}`;
}
