import { systemClock } from '../../shared/clock.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { look, make } from '../api/actions/post.ts';
import type { HandClock } from '../azure/hand-clock.ts';
import { aWorld, VAULT_GONE, vaultEvent, type World } from '../pipeline/a-world.ts';
import { type Figure, pairedRatio } from './figure.ts';
import { startTables, type TablesElsewhere } from './tables-elsewhere.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const POLICIES = Array.from({ length: 20 }, (_, n) => `p${n}`);

/**
 * A signal that opens an incident for each of the 20 policies of a vault, and a sweep that moves the 20 before them to
 * the history, with so many closed incidents stored. Floor: the same with none but those that it closed itself. Each
 * has its tables in a process of its own.
 */
export async function longHistory(incidents: number): Promise<Figure> {
  const [many, few] = await Promise.all([startTables(), startTables()]);
  try {
    const [long, short] = [await aWorldThatKnowsAnEnd(many), await aWorldThatKnowsAnEnd(few)];
    const began = performance.now();
    const rows = await many.fillHistory(incidents);
    const filledIn = `${Math.round((performance.now() - began) / 1000)} s`;
    many.calls.clear();
    const [pairs, warmUp] = [31, 3];
    const measured = await pairedRatio(
      () => signalAndSweep(long),
      () => signalAndSweep(short),
      { pairs, warmUp },
    );
    const each = (pattern: RegExp) =>
      [...many.calls].reduce((sum, [call, times]) => sum + (pattern.test(call) ? times : 0), 0) /
      (pairs + warmUp);
    return {
      name: `a signal and a sweep with ${incidents.toLocaleString('en')} closed incidents stored`,
      ...measured,
      budget: 1.1,
      detail: `${rows.toLocaleString('en')} rows in the history, filled in ${filledIn}; ${Math.round(each(/./))} calls of tables in another process for each, ${each(/submitTransaction history/)} of which move 20 incidents to the history and ${each(/(?:getEntity|page) history/)} read it; floor: only its own incidents stored`,
    };
  } finally {
    await Promise.all([many.stop(), few.stop()]);
  }
}

/** One incident of each policy has ended and moved to the history. */
async function aWorldThatKnowsAnEnd({ tables }: TablesElsewhere): Promise<World> {
  const world = aWorld(POLICIES, undefined, { tables, clock: clockAhead('2026-11-20T10:00:00.000Z') });
  await look(world, ...POLICIES);
  await signalAndSweep(world);
  await signalAndSweep(world);
  return world;
}

/** Real time, so that a call of another process can answer; `advance` moves it ahead at once. */
function clockAhead(start: string): HandClock {
  let aheadMs = Date.parse(start) - Date.now();
  const nowMs = () => Date.now() + aheadMs;
  return {
    nowMs,
    now: () => new Date(nowMs()).toISOString(),
    sleep: systemClock.sleep,
    drive: (work) => work,
    async advance(ms) {
      aheadMs += ms;
    },
  };
}

/** Ends with the incidents closed, a day and more ago: the next sweep moves them. */
async function signalAndSweep(world: World): Promise<void> {
  const { clock, ports } = world;
  for (const name of POLICIES) make(world, name, VAULT_GONE);
  await respond(vaultEvent({ at: clock.now(), id: clock.now() }), ports);
  await sweep(ports);
  for (const name of POLICIES) make(world, name, {});
  for (let reading = 0; reading < 3; reading += 1) {
    await clock.advance(HOUR);
    await look(world, ...POLICIES);
  }
  await clock.advance(DAY + HOUR);
}
