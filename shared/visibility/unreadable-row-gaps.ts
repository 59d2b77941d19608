import { nameInId } from '../triggers/policy-chain.ts';
import { rowId, type UnreadableRow } from './unreadable-row.ts';
import type { VisibilityGap } from './visibility-state.ts';

/** After a roll-back every row may be unreadable. This many are named, the others counted. */
const MAX_NAMED = 10;

/** Stored rows that can't be read, each as a gap of its own, which ends when its row is deleted. Pure. */
export function unreadableRowGaps(rows: readonly UnreadableRow[]): VisibilityGap[] {
  const gaps = rows.slice(0, MAX_NAMED).map((row) => ({
    id: `row|${rowId(row)}`,
    text: `${whatIsLost(row)} Table ${row.table}, PartitionKey ${row.partitionKey}, RowKey ${row.rowKey} can't be read: ${row.why}.`,
    remediation: row.command
      ? `Delete it (role Storage Table Data Contributor): ${row.command}`
      : `Delete it in the portal: Storage account → Storage browser → Tables → ${row.table}.`,
    urgent: true,
  }));
  const more = rows.length - gaps.length;
  if (more === 0) return gaps;
  return [
    ...gaps,
    {
      id: 'row|more',
      text: `${more} more stored ${more === 1 ? 'row' : 'rows'} can't be read. Lockwatch leaves them as they are and does everything else.`,
      remediation:
        'The page /health names them. If Lockwatch was rolled back, deploy the later version again: it can read them.',
      urgent: true,
    },
  ];
}

/** The effect of the missing row: which functions continue, and which don't. */
function whatIsLost({ policyId, rowKey }: UnreadableRow): string {
  const [kind, about = '', , channel = ''] = rowKey.split('|');
  switch (kind) {
    case 'state':
      return about === 'environments'
        ? `How far the environments of ${nameOf(policyId)} were written is not known.`
        : `The state of ${nameOf(policyId)} goes on in another row: it is watched, but silences and closed causes may be forgotten.`;
    case 'notice':
      return `A notice on ${channel || 'a channel'} about ${about} is not sent; the others are.`;
    case 'channel':
      return `How ${about} last worked is not known; notices are sent there.`;
    default:
      return 'Lockwatch goes on without a row.';
  }
}

function nameOf(policyId: string | undefined): string {
  return policyId === undefined ? 'a policy' : `policy ${nameInId(policyId)}`;
}
