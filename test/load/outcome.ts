import { SHARED_VAULT } from '../../dev/azure-simulator/world/seed-more.ts';
import { textsOf } from '../../dev/demo/story.ts';
import type { ReceivedMail, TeamsPost } from '../../dev/receivers/received.ts';
import type { IncidentState } from '../../shared/incidents/incident.ts';
import type { OutboxRow } from '../../shared/storage/incident-store.ts';
import { INCIDENT_ROWS, rowsUnder } from '../../shared/storage/keys.ts';
import { listedFromRow, noticeFromRow } from '../../shared/storage/rows.ts';
import type { StoredRow } from '../../shared/storage/table-port.ts';
import { type AroundApp, messagesIn } from './under-load.ts';

/** All that tables, queues and receivers hold after a run. */
export interface Outcome {
  incidents: { policy: string; state: IncidentState }[];
  notices: (Pick<OutboxRow, 'channel' | 'reason' | 'state' | 'messageId' | 'sentAt'> & { policy: string })[];
  environmentRows: number;
  received: Record<'teams' | 'email', number>;
  /** Messages by channel that say that the shared vault took policies offline. */
  aboutSharedVault: Record<'teams' | 'email', number>;
  largestCardBytes: number;
  messages: { queued: number; poison: number; unreadable: number };
}

export async function readOutcome(around: AroundApp): Promise<Outcome> {
  const { stack, policies } = around;
  const list = async (filter: string, select?: string[]): Promise<StoredRow[]> => {
    const rows: StoredRow[] = [];
    for await (const row of policies.listEntities({ queryOptions: { filter, select } }))
      rows.push(row as StoredRow);
    return rows;
  };
  const read = async (path: string) => (await fetch(`${stack.receivers.readUrl}${path}`)).json();
  const counts = (await read('/counts')) as { teams: number; mails: number };
  const cards = ((await read('/teams')) as TeamsPost[]).map(({ body }) => body);
  const mails = (await read('/mails')) as ReceivedMail[];
  const isAboutSharedVault = (text: string) =>
    text.replaceAll('\\', '').includes(SHARED_VAULT) && /vault deleted/i.test(text);
  return {
    incidents: (await list(INCIDENT_ROWS)).map((row) => {
      const { policyId, state } = listedFromRow(row);
      return { policy: nameOf(policyId), state };
    }),
    notices: (await list(rowsUnder('notice'))).map((row) => {
      const { policyId, channel, reason, state, messageId, sentAt } = noticeFromRow(row);
      return { policy: nameOf(policyId), channel, reason, state, messageId, sentAt };
    }),
    environmentRows: (await list(rowsUnder('environment'), ['RowKey'])).length,
    received: { teams: counts.teams, email: counts.mails },
    aboutSharedVault: {
      teams: cards.filter((card) => isAboutSharedVault(textsOf(card).join('\n'))).length,
      email: mails.filter(({ subject, text }) => isAboutSharedVault(`${subject}\n${text}`)).length,
    },
    largestCardBytes: Math.max(0, ...cards.map((card) => Buffer.byteLength(JSON.stringify(card)))),
    messages: {
      queued: await messagesIn(around.signals),
      poison: await messagesIn(around.poison),
      unreadable: await messagesIn(around.unreadable),
    },
  };
}

function nameOf(policyId: string): string {
  return (policyId.split('/').at(-1) ?? '').toLowerCase();
}
