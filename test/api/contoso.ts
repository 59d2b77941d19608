import assert from 'node:assert/strict';
import { seedWorld } from '../../dev/azure-simulator/world/seed.ts';
import type { ReadPorts } from '../../shared/api/endpoint.ts';
import { normalId } from '../../shared/azure/arm-id.ts';
import type { FactsReader } from '../../shared/facts/reader.ts';
import { aWorld, policyId } from '../pipeline/a-world.ts';
import { armOf, rightsIn } from '../preview/who-can/world-rights.ts';
import { get, look, readPortsOf } from './actions/post.ts';

/** Two policies of Contoso, as the policies p1 and p2 that are watched here. */
export async function contoso([first, second] = ['ep-finance', 'ep-people'] as [string, string]) {
  const azure = seedWorld(Date.parse('2026-11-23T12:00:00Z'));
  const world = aWorld(['p1', 'p2']);
  const read = { p1: await rightsIn(azure, first), p2: await rightsIn(azure, second) };
  let sessions = 0;
  const facts: FactsReader = {
    begin: () => {
      sessions += 1;
      return {
        arm: armOf(azure),
        read: async (id) => (normalId(id) === normalId(policyId('p1')) ? read.p1.facts : read.p2.facts),
        reserve: async () => 'reserved',
        listPolicies: () => assert.fail(),
        readEventSource: () => assert.fail(),
      };
    },
  };
  await look(world, 'p1', 'p2');
  const dana = azure.people.find(({ key }) => key === 'dana')?.objectId ?? '';
  const ports: ReadPorts = {
    ...readPortsOf(world),
    facts,
    actorNames: {
      ask: async () => {},
      known: (id) => (id === dana ? { name: 'dana.whitfield@contoso.example', kind: 'user' } : undefined),
    },
  };
  const ask = (query: string) => get(world, `/who-can${query}`, ports);
  return { world, azure, ask, ports, dana, sessions: () => sessions };
}
