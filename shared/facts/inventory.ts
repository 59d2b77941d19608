import { readFile, stat } from 'node:fs/promises';
import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { normalId } from '../azure/arm-id.ts';
import { azureGet } from '../azure/azure-get.ts';
import { before, type Deadline, LATE } from '../azure/deadline.ts';
import { known, type Outcome, unknown, unreadable } from '../azure/outcome.ts';
import type { Unknown } from '../azure/part.ts';
import type { Clock } from '../clock.ts';
import type { EnvironmentSource } from './environments.ts';
import type { EnvironmentFact } from './facts.ts';
import { InventoryError, inventoryRows } from './inventory-rows.ts';

/**
 * Storage REST docs: bearer tokens need a version of 2017-11-09 or later. The scope is the same in every
 * cloud.
 */
const STORAGE_SCOPE = 'https://storage.azure.com/.default';
const STORAGE_VERSION = '2023-11-03';

export interface InventoryOptions {
  /** A path, or the https address of a blob that the identity may read. */
  location: string;
  credential: TokenCredential;
  clock: Clock;
  httpClient?: HttpClient;
}

/**
 * Environments from a file that the admin maintains: no permission in Power Platform is needed. The file is
 * read once per session; one bad row makes the whole part unknown, and its detail names that row.
 */
export function inventoryEnvironments(options: InventoryOptions): EnvironmentSource {
  const read = options.location.startsWith('https://') ? blobReader(options) : fileReader(options);
  return {
    begin(deadline) {
      let rows: Promise<Inventory | Unknown> | undefined;
      return {
        async forPolicy(policyId) {
          rows ??= read(deadline).then(inventoryOf);
          const inventory = await rows;
          if ('state' in inventory) return inventory;
          const environments = inventory.byPolicy.get(normalId(policyId)) ?? [];
          // The list is what the admin says it is: an environment that it lacks is not the policy's.
          return known(
            { source: 'inventory', asOf: inventory.asOf, environments, isComplete: true },
            inventory.at,
          );
        },
      };
    },
  };
}

interface Content {
  text: string;
  /** When the file was last changed, ISO 8601. */
  modifiedAt: string;
}
interface Inventory {
  byPolicy: Map<string, EnvironmentFact[]>;
  asOf: string;
  at: string;
}
type Read = (deadline: Deadline) => Promise<Outcome<Content>>;

async function inventoryOf(outcome: Outcome<Content>): Promise<Inventory | Unknown> {
  if (outcome.kind !== 'answered')
    return unreadable(outcome, 'Storage Blob Data Reader on the container of the inventory');
  try {
    const byPolicy = await inventoryRows(outcome.value.text);
    return { byPolicy, asOf: outcome.value.modifiedAt, at: outcome.at };
  } catch (error) {
    if (!(error instanceof InventoryError)) throw error;
    return unknown('invalidAnswer', `Environments are not known: ${error.message}.`, outcome.at);
  }
}

function blobReader(options: InventoryOptions): Read {
  const url = new URL(options.location);
  const get = azureGet({
    ...options,
    endpoint: url.origin,
    scope: STORAGE_SCOPE,
    headers: { 'x-ms-version': STORAGE_VERSION, accept: '*/*' },
  });
  return async (deadline) => {
    const outcome = await get(options.location, deadline);
    if (outcome.kind !== 'answered') return outcome;
    const modified = Date.parse(outcome.value.header('last-modified') ?? '');
    const modifiedAt = Number.isNaN(modified) ? outcome.askedAt : new Date(modified).toISOString();
    return { ...outcome, value: { text: outcome.value.text, modifiedAt } };
  };
}

function fileReader({ location, clock }: InventoryOptions): Read {
  return async (deadline) => {
    const askedAt = clock.now();
    const failed = (reason: 'timeout' | 'notConfigured', because: string) =>
      ({ kind: 'failed', what: `The inventory ${location}`, reason, because, at: clock.now() }) as const;
    try {
      const read = await before(deadline, (abort) =>
        Promise.all([readFile(location, { encoding: 'utf8', signal: abort }), stat(location)]),
      );
      if (read === LATE) return failed('timeout', 'was not read within the time budget');
      const [text, { mtime }] = read;
      return { kind: 'answered', value: { text, modifiedAt: mtime.toISOString() }, askedAt, at: clock.now() };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
      return failed('notConfigured', `can't be read (${code}): set it to a file that is there`);
    }
  };
}
