import * as z from 'zod';
import { httpsAddress } from '../azure/answer-schema.ts';
import { armPath, normalId } from '../azure/arm-id.ts';
import type { EnvironmentFact } from './facts.ts';

/** The columns of an inventory. The first two are required; names compare case-insensitively. */
const INVENTORY_COLUMNS = ['policyId', 'environmentId', 'displayName', 'sku', 'region', 'url'] as const;

/**
 * The inventory can't be used. Its message names every fault by row and column, and quotes nothing from the
 * file.
 */
export class InventoryError extends Error {
  override readonly name = 'InventoryError';
  constructor(faults: readonly string[]) {
    const more = faults.length > SHOWN ? `; and ${faults.length - SHOWN} more` : '';
    super(
      `the inventory has ${faults.length} fault(s) to correct: ${faults.slice(0, SHOWN).join('; ')}${more}`,
    );
  }
}
const SHOWN = 5;

/**
 * The environments of an inventory, JSON (an array of objects) or CSV (a header line, then one line each), by
 * `normalId` of the policy. Throws `InventoryError`: half an inventory would hide environments.
 */
export async function inventoryRows(text: string): Promise<Map<string, EnvironmentFact[]>> {
  const body = text.replace(/^\uFEFF/, '');
  const rows = /^\s*[[{]/.test(body) ? jsonRows(body) : await csvRows(body);
  const faults: string[] = [];
  const byPolicy = new Map<string, EnvironmentFact[]>();
  const policyOf = new Map<string, string>();
  for (const { where, fields } of rows) {
    const parsed = rowSchema.safeParse(fields);
    if (!parsed.success) {
      for (const issue of parsed.error.issues)
        faults.push(`${where}: ${issue.path.join('.')} ${issue.message}`);
      continue;
    }
    const { policyId, ...environment } = parsed.data;
    const other = policyOf.get(environment.id);
    if (other === policyId) continue;
    if (other !== undefined) faults.push(`${where}: environmentId stands under another policy as well`);
    policyOf.set(environment.id, policyId);
    const list = byPolicy.get(policyId);
    if (list) list.push(environment);
    else byPolicy.set(policyId, [environment]);
  }
  if (faults.length > 0) throw new InventoryError(faults);
  return byPolicy;
}

interface Row {
  /** "line 3" or "item 3". */
  where: string;
  fields: Record<string, unknown>;
}

function jsonRows(text: string): Row[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new InventoryError(['it is not valid JSON']); // the parser's own message would quote the file
  }
  if (!Array.isArray(body)) throw new InventoryError(['it is JSON, but not an array of objects']);
  return body.map((item: unknown, index) => ({ where: `item ${index + 1}`, fields: byColumn(item) }));
}

async function csvRows(text: string): Promise<Row[]> {
  const { default: papa } = await import('papaparse');
  const { data, errors } = papa.parse<string[]>(text, { skipEmptyLines: 'greedy' });
  const quotes = errors.filter((error) => error.type === 'Quotes');
  if (quotes.length > 0)
    throw new InventoryError(quotes.map(({ row }) => `row ${(row ?? 0) + 1}: a quote is not closed`));
  const [policyState = [], ...lines] = data;
  const missing = INVENTORY_COLUMNS.slice(0, 2).filter(
    (column) => !policyState.some((name) => name.trim().toLowerCase() === column.toLowerCase()),
  );
  if (missing.length > 0)
    throw new InventoryError(missing.map((column) => `the head line lacks the column ${column}`));
  return lines.map((line, index) => ({
    where: `row ${index + 2}`,
    fields: byColumn(Object.fromEntries(policyState.map((name, column) => [name, line[column]]))),
  }));
}

/** The fields under the columns' own spelling; blank fields and those that match no column are left out. */
function byColumn(item: unknown): Record<string, unknown> {
  if (typeof item !== 'object' || item === null) return {};
  const entries = Object.entries(item).flatMap(([name, value]) => {
    const column = COLUMN_BY_NAME.get(name.trim().toLowerCase());
    const isBlank = value === null || (typeof value === 'string' && value.trim() === '');
    return column === undefined || isBlank
      ? []
      : [[column, typeof value === 'string' ? value.trim() : value]];
  });
  return Object.fromEntries(entries);
}

const COLUMN_BY_NAME = new Map(INVENTORY_COLUMNS.map((column) => [column.toLowerCase(), column]));

const text = z.string('is not a text').optional();
const rowSchema = z
  .object({
    policyId: z
      .string('is missing')
      .refine(isPolicyId, 'is not the ARM id of an enterprise policy')
      .transform(normalId),
    environmentId: z
      .string('is missing')
      // A tenant's default environment is named after the tenant's id.
      .regex(/^(Default-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'is not an environment id (a GUID)')
      .transform((id) => id.toLowerCase()),
    displayName: text,
    sku: text,
    region: text,
    url: text,
  })
  .transform(({ policyId, environmentId, displayName, sku, region, url }) => ({
    policyId,
    id: environmentId,
    displayName: displayName ?? environmentId,
    sku: sku ?? 'Unknown',
    region: region ?? '',
    url: httpsAddress(url),
  }));

function isPolicyId(id: string): boolean {
  return (
    /\/providers\/Microsoft\.PowerPlatform\/enterprisePolicies\/[^/]+\/?$/i.test(id) &&
    armPath(id) !== undefined
  );
}
