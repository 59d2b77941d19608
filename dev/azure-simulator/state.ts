import { randomUUID } from 'node:crypto';
import { sameId } from '../../shared/azure/arm-id.ts';
import type { DeployedSource } from '../expected-deployment/deployment.ts';
import { toAuditRecord } from './events/audit.ts';
import type { AuditLog } from './events/audit-log.ts';
import { type DeliveryAttempt, deliverEvent, type EventGrid } from './events/event-grid.ts';
import { whyFiltered } from './events/filters.ts';
import { type EventGridEvent, subscriptionOf, toWire } from './events/wire.ts';
import { perform } from './scenarios/register.ts';
import type { ScenarioOutcome } from './scenarios/scenario.ts';
import type { ScenarioRequest } from './scenarios/target.ts';
import { mayUseData } from './world/access.ts';
import { applyLocks, locksStandUntil } from './world/apply-locks.ts';
import { topicPrincipal } from './world/deploy.ts';
import { topicSourceOf } from './world/event-sources.ts';
import { ADD_MESSAGE } from './world/roles.ts';
import { findVault, type World, type WorldPerson } from './world/world.ts';

const KEPT = 500;

/** The answer of `POST /scenarios/{name}`. */
export interface ScenarioAnswer {
  scenario: string;
  at: string;
  /** Absent where time caused the change. */
  actor?: string;
  policy?: string;
  vault?: string;
  environment?: string;
  events: DeliveryAttempt[];
  silent?: string;
  note?: string;
}

/** The only place where the world changes. */
export interface SimulatorState {
  now(): number;
  /** The current world, locks applied. */
  current(): World;
  /** The world as permissions and networks show it: its state one propagation delay ago. */
  propagated(): World;
  /** The world as the lists of environments show it: its state one list delay ago. */
  listed(): World;
  /** Runs a scenario, then delivers its events. Throws `ScenarioRefusedError`. */
  scenario(name: string, request: ScenarioRequest): Promise<ScenarioAnswer>;
  /** Applies a change that came through Resource Manager itself. */
  apply(name: string, world: World, outcome: ScenarioOutcome, actor: WorldPerson): Promise<ScenarioAnswer>;
  scenarios(): ScenarioAnswer[];
  audit(): Record<string, unknown>[];
}

export function createState(options: {
  world: World;
  now: () => number;
  eventGrid: EventGrid;
  auditLog: AuditLog;
  propagationDelayMs: number;
  lockDelayMs: number;
  listDelayMs: number;
}): SimulatorState {
  const { now, eventGrid, auditLog, propagationDelayMs, lockDelayMs, listDelayMs } = options;
  let world = options.world;
  let past: { at: number; world: World }[] = [{ at: 0, world }];
  const scenarios: ScenarioAnswer[] = [];
  const audit: Record<string, unknown>[] = [];

  const pastAt = (horizon: number) => past.findLastIndex((entry) => entry.at <= horizon);
  const forget = () => {
    const oldest = pastAt(now() - Math.max(propagationDelayMs, listDelayMs));
    past = past.slice(Math.max(0, oldest));
  };

  let judged: { world: World; until: number } | undefined;
  const current = () => {
    const at = now();
    if (judged?.world !== world || at >= judged.until) {
      world = applyLocks(world, at, lockDelayMs);
      judged = { world, until: locksStandUntil(world, at, lockDelayMs) };
    }
    return world;
  };

  const apply: SimulatorState['apply'] = async (name, next, outcome, actor) => {
    const at = now();
    const before = world;
    world = applyLocks(next, at, lockDelayMs);
    past.push({ at, world: next });
    const correlationId = randomUUID();
    const records = outcome.audit.map((scenario) => ({
      isSent: hasAuditLog(before, scenario.vaultId),
      record: toAuditRecord(scenario, { actor, now: at, correlationId: randomUUID() }),
    }));
    audit.push(...records.map(({ record }) => record));
    auditLog.send(records.filter(({ isSent }) => isSent).map(({ record }) => record));
    const events = await Promise.all(
      outcome.events.map(async (raised): Promise<DeliveryAttempt[]> => {
        const event = toWire(raised, { world, actor, now: at, id: randomUUID(), correlationId });
        const heard = hearing(raised, event, before);
        if ('not' in heard) return [{ ...deliverEvent(event), delivered: 'filtered', reason: heard.not }];
        const { topicId, eventSubscription } = heard.by;
        const { resourceId, queueName } =
          eventSubscription.properties.deliveryWithResourceIdentity.destination.properties;
        const queueId = `${resourceId}/queueServices/default/queues/${queueName}`;
        const whyRefused = () =>
          mayUseData(world, topicPrincipal(world, topicId), ADD_MESSAGE, queueId)
            ? undefined
            : `the identity of the topic ${topicId} may not write into it (${ADD_MESSAGE})`;
        return eventGrid.send(event, { queueName, whyRefused });
      }),
    );
    const answer: ScenarioAnswer = {
      scenario: name,
      at: new Date(at).toISOString(),
      actor: outcome.unattended ? undefined : (actor.upn ?? actor.name),
      events: events.flat(),
      silent: outcome.silent,
      note: outcome.note,
    };
    scenarios.push(answer);
    for (const list of [scenarios, audit]) list.splice(0, Math.max(0, list.length - KEPT));
    return answer;
  };

  return {
    now,
    current,
    propagated() {
      forget();
      return past[Math.max(0, pastAt(now() - propagationDelayMs))]?.world ?? world;
    },
    listed() {
      if (listDelayMs === 0) return current();
      forget();
      const horizon = now() - listDelayMs;
      const then = past[Math.max(0, pastAt(horizon))]?.world ?? world;
      return applyLocks(then, horizon, lockDelayMs);
    },
    async scenario(name, request) {
      const done = perform(current(), name, request, now());
      const { policy, vault, environment } = done.target;
      const answer = await apply(name, done.world, done.outcome, done.actor);
      return Object.assign(answer, {
        policy: policy?.name,
        vault: vault?.name,
        environment: environment?.name,
      });
    },
    apply,
    scenarios: () => scenarios,
    audit: () => audit,
  };
}

/** A diagnostic setting outlives the vault's soft deletion. */
function hasAuditLog(world: World, vaultId: string): boolean {
  const vaults = [...world.vaults, ...world.deletedVaults.map(({ vault }) => vault)];
  return !world.auditHubDeleted && vaults.some((vault) => sameId(vault.id, vaultId) && vault.auditLog);
}

/** The event subscription that receives it, or the reason why none of Lockwatch's does. */
function hearing(
  raised: ScenarioOutcome['events'][number],
  event: EventGridEvent,
  world: World,
): { by: DeployedSource } | { not: string } {
  const subscriptionId = subscriptionOf(raised);
  const ofVault = raised.from === 'keyVault';
  const by = topicSourceOf(world, ofVault ? raised.vaultId : `/subscriptions/${subscriptionId}`);
  if (ofVault && !(by && findVault(world, raised.vaultId)?.eventSubscription))
    return {
      not: 'the vault has no event subscription (one that it had was lost when the vault was deleted)',
    };
  if (!by) return { not: 'the subscription has no event subscription' };
  const subscription = world.subscriptions.find((entry) => entry.id === subscriptionId);
  if (!ofVault && subscription?.eventSubscriptionDeleted)
    return { not: 'the subscription’s event subscription was deleted' };
  const not = whyFiltered(by.eventSubscription, event);
  return not === undefined ? { by } : { not };
}
