import { AUDIT_OPERATION, auditMatterOf } from './audit-operations.ts';
import { deletesPolicy } from './is-operation.ts';
import { isNamedAs } from './operation-names.ts';
import { isPolicyWriteOperation, type Matter, matterOf } from './operations.ts';
import { isPolicyId, resourceIn, scopeFrom, usualScope, vaultNameIn } from './scope.ts';
import type { About } from './signal.ts';
import { indexOf, union, type WatchedChain, type WatchIndex } from './watch-index.ts';

export interface WatchList {
  /** The ids, as given, of the policies whose access the signal may have changed. Empty: it concerns none. */
  concerns(signal: About): string[];
  /**
   * How much it may make us read: all policies or very many, those below a subscription or group, or those of
   * one resource.
   */
  reach(signal: About): Reach;
  /**
   * The policies that are at or under this ARM scope, or whose vault is: all that a cause at this scope takes
   * down. For the scope of a key: those that use that key.
   */
  sharing(scope: string): string[];
}

/**
 * Prepares the watch list. A query costs a constant number of look-ups, however many policies are watched and
 * for any scope: most events concern no policy.
 *
 * @example
 * const list = makeWatchList([{ policyId, vaultId, keyName: 'cmk' }]);
 * list.concerns(signal); // [policyId]
 */
export function makeWatchList(watched: readonly WatchedChain[]): WatchList {
  const index = indexOf(watched);
  return {
    concerns: (signal) =>
      isRefusedUnwrap(signal) || isSucceededUnwrap(signal)
        ? listed(ofCaller(index, signal))
        : signal.outcome === 'success'
          ? listed(concerned(index, signal))
          : [],
    reach: (signal) => reachOf(index, signal),
    sharing: (scope) => listed(index.around(usualScope(scope) ?? scopeFrom(scope) ?? '')),
  };
}

function listed(policyIds: ReadonlySet<string>): string[] {
  return policyIds.size === 0 ? [] : [...policyIds];
}

/** A policy was written: if it is not watched yet, discovery must find it. */
export function isPolicyWrite(signal: About): boolean {
  if (signal.source !== 'resourceManager' || signal.outcome !== 'success') return false;
  if (signal.operation !== undefined) return isPolicyWriteOperation(signal.operation);
  return isPolicyId(signal.scope) && !deletesPolicy(signal);
}

/**
 * An event source of this product (a diagnostic setting, an event subscription, an event hub) may have been
 * removed.
 */
export function removesEventSource(signal: About): boolean {
  if (signal.source !== 'resourceManager' || signal.outcome !== 'success') return false;
  return signal.operation !== undefined && matterOf(signal.operation) === 'removesEventSource';
}

/**
 * The audit log reports a failed unwrap with a key: if the caller is the policy's identity, that is a sign of
 * a lock.
 */
export function isRefusedUnwrap({ type, outcome }: About): boolean {
  return outcome === 'failure' && isNamedAs(type, AUDIT_OPERATION.KeyUnwrap);
}

/** The caller could use the key: it refutes earlier refusals to the same caller. */
export function isSucceededUnwrap({ type, outcome }: About): boolean {
  return outcome === 'success' && isNamedAs(type, AUDIT_OPERATION.KeyUnwrap);
}

// A read, a wrap or an unwrap that succeeded changes nothing.
function changesKey({ type }: About): boolean {
  const matter = auditMatterOf(type);
  return matter !== undefined && matter !== 'use';
}

// Anyone may use a key or fail to; only a policy's own identity counts, and only for that policy.
function ofCaller(index: WatchIndex, signal: About): ReadonlySet<string> {
  const mine = index.ofIdentity(signal.actor?.objectId ?? '');
  if (mine.size === 0) return mine;
  const users = ofVault(index, signal);
  return new Set([...mine].filter((policyId) => users.has(policyId)));
}

function concerned(index: WatchIndex, signal: About): ReadonlySet<string> {
  if (signal.source === 'keyVault') return ofVault(index, signal);
  if (signal.source === 'audit') return changesKey(signal) ? ofVault(index, signal) : new Set();
  switch (matterOfSignal(signal)) {
    case 'resource':
      return index.around(withoutAction(signal.scope));
    case 'authorization':
      return atBase(index, signal.scope);
    case 'everywhere':
      return index.all;
    case 'purge':
      return purged(index, signal.scope);
    default:
      return new Set();
  }
}

// The action may be appended to the resource that it acts on.
function withoutAction(scope: string): string {
  return scope.endsWith(MOVE) ? scope.slice(0, -MOVE.length) : scope;
}
const MOVE = '/moveresources';

// An event without an operation still says which scope to read.
function matterOfSignal(signal: About): Matter {
  if (signal.operation === undefined) return 'resource';
  const matter = matterOf(signal.operation);
  return matter === 'nothing' && deletesPolicy(signal) ? 'resource' : matter;
}

type Reach = 'everything' | 'group' | 'resource';

/** A subscription or group with more policies than this is read by a sweep. */
const MAX_DIRECT = 20;

/**
 * Perimeters, role definitions and whatever is above all subscriptions reach every policy, however few there
 * are; whoever may write them could otherwise make every event a reading of everything.
 */
function reachOf(index: WatchIndex, signal: About): Reach {
  if (signal.source !== 'resourceManager' || signal.outcome !== 'success') return 'resource';
  const policies = concerned(index, signal);
  if (policies === index.all) return 'everything';
  if (resourceIn(appliesTo(signal.scope)) !== undefined) return 'resource';
  return policies.size > MAX_DIRECT ? 'everything' : 'group';
}

// An assignment, a deny assignment and a lock are child resources of the scope that they apply to. An
// assignment at a management group or at the tenant's root reaches subscriptions that the event doesn't name.
function atBase(index: WatchIndex, scope: string): ReadonlySet<string> {
  const base = appliesTo(scope);
  const aboveAll = base === '' || base.startsWith('/providers/microsoft.management/');
  return aboveAll ? index.all : index.around(base);
}

function appliesTo(scope: string): string {
  const end = scope.lastIndexOf('/providers/');
  return scope.startsWith(AUTHORIZATION, end) ? scope.slice(0, end) : scope;
}

const AUTHORIZATION = '/providers/microsoft.authorization/';

function purged(index: WatchIndex, scope: string): ReadonlySet<string> {
  const [, subscription = '', name = ''] =
    /^(\/subscriptions\/[^/]+\/).*\/deletedvaults\/([^/]+)/.exec(scope) ?? [];
  if (name === '') return index.around(scope);
  const vaults = index.vaultsNamed(name).filter((vault) => vault.startsWith(subscription));
  return union(vaults.map((vault) => index.ofVault(vault)));
}

function ofVault(index: WatchIndex, signal: About): ReadonlySet<string> {
  if (/^microsoft\.keyvault\.(?:secret|certificate)/i.test(signal.type)) return new Set();
  const name = vaultNameIn(signal.scope);
  const vaults = name === undefined ? [signal.scope] : index.vaultsNamed(name);
  return union(vaults.map((vault) => index.ofVault(vault, signal.keyName)));
}
