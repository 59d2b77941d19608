import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Ports } from '../../shared/pipeline/ports.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { tableStore } from '../../shared/storage/table-store.ts';
import { get, locked, make, post } from '../api/actions/post.ts';
import type { World } from '../pipeline/a-world.ts';
import { memoryTable } from '../simulation/memory-table.ts';
import { twoProcesses } from './two-processes-contract.ts';

describe('two processes, on tables in memory with the rules of Azure', () => {
  twoProcesses(async () => {
    const tables = { policies: memoryTable(), readModel: memoryTable(), history: memoryTable() };
    const open = () => tableStore(async () => tables);
    return [open(), open()];
  });
});

describe('what a person does while another process reads the policy is kept, and so is what was read', () => {
  /** A process whose readings take so long. */
  function slowReader(world: World, ms: number): Ports {
    const ports = world.restart();
    const { begin } = ports.facts;
    const facts: Ports['facts'] = {
      begin(...options) {
        const pass = begin(...options);
        return {
          ...pass,
          async read(...args) {
            const read = await pass.read(...args);
            await world.clock.sleep(ms);
            return read;
          },
        };
      },
    };
    return { ...ports, facts };
  }

  for (const [act, body, column] of [
    ['acknowledge', { why: 'I call the vault team' }, 'acknowledged'],
    ['silence', { until: '4h', why: 'known' }, 'silence'],
    ['support-case', { number: '2611200010000123' }, 'supportCase'],
  ] as const) {
    it(act, async () => {
      const { world, id } = await locked();
      make(world, 'p1', {});
      const sweeping = sweep(slowReader(world, 5_000));
      await world.clock.advance(1_000);
      const acted = await post(world, `/incidents/${id}/${act}`, body);
      assert.equal(acted.status, 200, acted.body);
      await world.clock.drive(sweeping);
      const { json } = await get(world, `/incidents/${id}`);
      assert.equal(json.state, 'accessRestored');
      assert(json[column], `${column} is lost`);
      const policyState = await world.ports.store.readPolicyState(json.policyId);
      assert(JSON.stringify(policyState?.policyState.incident).includes(column), 'in the head too');
    });
  }
});
