import assert from 'node:assert/strict';
import { normalId } from '../../shared/azure/arm-id.ts';
import { systemClock } from '../../shared/clock.ts';
import { createFactsReader } from '../../shared/facts/azure-facts-reader.ts';
import type { EnvironmentSource } from '../../shared/facts/environments.ts';
import type { Facts } from '../../shared/facts/facts.ts';
import { withOtherModel } from '../../shared/facts/other-model.ts';
import { chainOfReading, type PreviewChain } from '../../shared/preview/chain.ts';
import { startTestSimulator } from '../dev/azure-simulator/harness.ts';
import { environment } from '../triggers/a-reading.ts';

/** Two environments that run, whatever is asked: what locks them comes later than the reading after a change. */
const TWO_RUNNING: EnvironmentSource = {
  begin: () => ({
    forPolicy: async () => {
      const asOf = systemClock.now();
      const environments = [environment('e1'), environment('e2')];
      return { state: 'known', readAt: asOf, value: { source: 'powerPlatform', asOf, environments } };
    },
  }),
};

const AN_HOUR_MS = 3_600_000;

/** A tenant of its own, as the product's reader sees it. Environments lock an hour after a change. */
export async function simulatedTenant() {
  const simulator = await startTestSimulator({ demoPolicies: true, lockDelayMs: AN_HOUR_MS });
  const token = await simulator.token('https://management.azure.com');
  const reader = createFactsReader({
    armEndpoint: simulator.arm,
    armScope: 'https://management.azure.com/.default',
    subscriptions: simulator.subscriptions,
    credential: { getToken: async () => ({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) },
    clock: systemClock,
    environments: TWO_RUNNING,
  });
  return {
    simulator,
    /** Reads one policy, by its name, in a session of its own. */
    async read(name: string, hints?: { vaultLocation?: string }): Promise<Facts> {
      const session = reader.begin(60_000, { protection: true });
      const { policies } = await session.listPolicies();
      const id = policies.find((policy) => policy.name === name)?.id ?? idOf(simulator.subscriptions, name);
      assert.ok(session.arm);
      return withOtherModel(session.arm, await session.read(id, hints));
    },
    async chain(name: string): Promise<PreviewChain> {
      const facts = await this.read(name);
      return chainOfReading(facts, undefined);
    },
  };
}

function idOf([subscription = '']: readonly string[], name: string): string {
  return normalId(
    `/subscriptions/${subscription}/resourceGroups/rg-demo/providers/Microsoft.PowerPlatform/enterprisePolicies/${name}`,
  );
}
