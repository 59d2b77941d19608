import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ScenarioRefusedError } from '../../dev/azure-simulator/scenarios/scenario.ts';
import { CUSTOM_ROLE } from '../../dev/azure-simulator/world/seed.ts';
import type { Part } from '../../shared/azure/part.ts';
import type { Facts, Grant, KeyFact, NetworkFact, PermissionFact } from '../../shared/facts/facts.ts';
import { applyChanges } from '../../shared/preview/apply-changes.ts';
import type { PreviewChain } from '../../shared/preview/chain.ts';
import type { Change } from '../../shared/preview/change.ts';
import { changesOfChain, indexChanges } from '../../shared/preview/changes-of-chain.ts';
import { splitRefused } from '../../shared/preview/refusals.ts';
import { azureInProcess } from '../preview/azure-in-process.ts';
import { carryOut } from '../preview/carry-out.ts';
import { type RandomChange, randomChange } from '../preview/random-change.ts';
import { START, type WorldPlan, worldOf, worldPlan } from '../preview/random-world.ts';
import { runs } from './runs.ts';

/** Every run reads each policy twice through the simulator's Resource Manager. */
const { skip, ...parameters } = runs('facts after random changes of random worlds', 0.7);

test('changes applied to facts give the facts that are read once the simulator made them, field by field', {
  skip,
}, async () => {
  const seen = { chains: 0, notJudged: 0, unknown: 0, altered: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(
      worldPlan,
      fc.array(randomChange, { minLength: 1, maxLength: 2 }),
      async (plan, planned) => {
        const azure = azureInProcess(worldOf(plan), START);
        const { policies } = azure.state.current();
        const chains = await Promise.all(policies.map(({ id }) => azure.chain(id)));
        azure.advance(60_000);
        const { made, refused } = await carryOutAll(azure, planned);
        for (const chain of chains) {
          seen.chains += 1;
          const own = changesOfChain(chain, indexChanges(made));
          const { chain: after, cannotJudge } = applyChanges(chain, own, azure.now());
          if (after !== chain) seen.altered += 1;
          if (refused.length > 0) seen.refused += sameRefusals(chain, [...made, ...refused], refused);
          // What the preview calls unknown needs no agreement: it is never called fine.
          if (cannotJudge.length > 0) seen.notJudged += 1;
          else seen.unknown += compare(after, await azure.readAgain(chain), made);
        }
      },
    ),
    parameters as fc.Parameters<[WorldPlan, RandomChange[]]>,
  );
  const { chains, notJudged, unknown, altered, refused } = seen;
  assert.ok(altered > chains / 4, `only ${altered} of ${chains} chains were changed at all`);
  assert.ok(notJudged + unknown < chains / 10, `${notJudged + unknown} of ${chains} are not known`);
  assert.ok(refused > 0, 'no lock refused anything');
});

async function carryOutAll(azure: ReturnType<typeof azureInProcess>, planned: readonly RandomChange[]) {
  const made: Change[] = [];
  const refused: Change[] = [];
  for (const [n, randomly] of planned.entries()) {
    const world = azure.state.current();
    const [actor] = world.people;
    const operation = world.vaults.length && world.policies.length ? randomly(world) : undefined;
    if (operation === undefined || actor === undefined) continue;
    const change = { ...operation, address: `change ${n + 1}` };
    try {
      const next = carryOut(world, operation, Date.parse(azure.now()));
      await azure.state.apply(operation.what, next, { events: [], audit: [] }, actor);
      made.push(change);
    } catch (error) {
      if (!(error instanceof ScenarioRefusedError)) throw error;
      refused.push(change);
    }
  }
  return { made, refused };
}

/** What the simulator's locks refuse, the preview calls refused. How many of them concern this chain. */
function sameRefusals(chain: PreviewChain, planned: readonly Change[], refused: readonly Change[]): number {
  // A lock that the same plan removes counts as removed first.
  if (planned.some(({ what }) => what === 'lockRemoved')) return 0;
  const own = changesOfChain(chain, indexChanges(planned));
  const found = splitRefused(chain, own, chain.facts.readAt).refused.map(({ address }) => address);
  const expected = own.filter((one) => refused.includes(one));
  for (const { what, address } of expected) assert.ok(found.includes(address), `${what} is not refused`);
  return expected.length;
}

/**
 * Compares each part, but for the fields that differ for a reason: those of `fieldsOf`, `withSharedDetails`,
 * `withSharedEntries` and `isHeld`. How many parts the preview leaves unknown.
 */
function compare(after: PreviewChain, read: Facts, made: readonly Change[]): number {
  const context = JSON.stringify(made);
  const { otherModel, ...facts } = read;
  let unknown = 0;
  const same = (name: string, [one, other]: readonly [Part<unknown>, Part<unknown>]) => {
    if (one.state === 'unknown' && MAY_BE_UNKNOWN.test(one.detail)) unknown += 1;
    else assert.deepEqual(fieldsOf(one), fieldsOf(other), `${name}: ${context}`);
  };
  same('policy', [after.facts.policy, facts.policy]);
  // A policy that is gone names nothing: what is below it is then read by the hints of earlier readings alone.
  if (facts.policy.state === 'gone') return unknown;
  same('vault', [after.facts.vault, facts.vault]);
  same('deletedVault', [after.facts.deletedVault, facts.deletedVault]);
  same('key', withSharedDetails(after.facts.key, facts.key));
  const rights = made.some(isOpenGrant) ? bothHeld : withSharedEntries;
  same('permission', rights(after.facts.permission, facts.permission));
  // Of a vault that is gone, the other model is not read.
  if (otherModel && after.otherModel) same('otherModel', rights(after.otherModel, otherModel));
  return unknown;
}

/** The preview's own sentences for rights that nobody can know before: a grant to a group, and another tenant. */
const MAY_BE_UNKNOWN = /only if a new grant reaches it|gets another tenant/;

/** A part without when and in which words it was read, the names that only Azure makes, and the order of grants. */
function fieldsOf(part: Part<unknown>): unknown {
  if (part.state !== 'known') return part.state;
  return JSON.parse(JSON.stringify(part.value), (name, value) => {
    if (name === 'network') return rulesOf(value);
    if (/^(?:grants|withoutActions|perhapsGroups)$/.test(name))
      return value.sort((a: Grant, b: Grant) => a.id.localeCompare(b.id));
    return typeof value === 'string' && MADE.test(value) ? 'named by Azure' : value;
  });
}
const MADE = /\/planned by change \d$|made-by-a-change|^change \d$/;

/** Rules that let everybody in are none: the simulator shows none then. */
function rulesOf({ hasAcls, defaultAction = 'Allow', bypass = 'AzureServices', ...network }: NetworkFact) {
  const isOpen = !hasAcls || (defaultAction === 'Allow' && bypass === 'AzureServices');
  return { ...network, rules: isOpen ? 'none' : { defaultAction, bypass } };
}

/** What a version may do is read of the version in use alone, and known of one that a change sets it for. */
function withSharedDetails(after: Part<KeyFact>, read: Part<KeyFact>) {
  if (after.state !== 'known' || read.state !== 'known') return [after, read] as const;
  const beside = (one: KeyFact, other: KeyFact): KeyFact => ({
    ...one,
    versions: one.versions.map((version, n) => {
      const { keyOps, kty: _kty, keySize: _size, ...rest } = version;
      return other.versions[n]?.keyOps === undefined || keyOps === undefined ? rest : version;
    }),
  });
  const both = [beside(after.value, read.value), beside(read.value, after.value)] as const;
  return [
    { ...after, value: both[0] },
    { ...read, value: both[1] },
  ] as const;
}

/** Entries for others are kept with a reading only where they would help the identity, so a preview may lack some. */
function withSharedEntries(after: Part<PermissionFact>, read: Part<PermissionFact>) {
  if (after.state !== 'known' || read.state !== 'known') return [after, read] as const;
  const isKnown = ({ id }: Grant) => after.value.perhapsGroups.some((one) => one.id === id);
  const perhapsGroups = read.value.perhapsGroups.filter(isKnown);
  return [after, { ...read, value: { ...read.value, perhapsGroups } }] as const;
}

/**
 * Nobody can tell before whether it reaches the identity, or what its role allows: it is not among the grants of a
 * preview, and the identity is never called without a right that it may give.
 */
function isOpenGrant(change: Change): boolean {
  if (change.what !== 'roleAssignmentAdded') return false;
  const { principalType, scope = '', role } = change;
  return principalType === 'Group' || /managementGroups/.test(scope) || role === CUSTOM_ROLE;
}

function bothHeld(after: Part<PermissionFact>, read: Part<PermissionFact>) {
  return [isHeld(after), isHeld(read)] as const;
}

function isHeld(part: Part<PermissionFact>): Part<unknown> {
  if (part.state !== 'known') return part;
  const { model, denials, missing } = part.value;
  return { ...part, value: { model, denials, isHeld: missing.length === 0 } };
}
