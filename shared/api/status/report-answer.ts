import { compareText } from '../../compare-text.ts';
import type { Incident } from '../../incidents/incident.ts';
import type { ReadPorts } from '../endpoint.ts';
import { type ActivityEntry, noticeEntry, timelineEntry } from './activity-entry.ts';
import { causeAnswer } from './incident-answer.ts';
import { wholeIncident } from './incident-by-id.ts';

/** One file after the event: how long each step took, all that happened in its order, and the incident itself. */
export async function reportAnswer(incident: Incident, store: ReadPorts['store'], now: string) {
  const [{ answeredAt, ...whole }, notices] = await Promise.all([
    wholeIncident(incident, store, now),
    store.listNotices(incident),
  ]);
  const chronology: ActivityEntry[] = [
    ...whole.timeline.map((entry) => timelineEntry(entry, incident)),
    ...notices.map((row) => noticeEntry(row, incident)),
  ];
  const sentAt = notices.flatMap((row) => (row.sentAt === undefined ? [] : [row.sentAt])).sort()[0];
  const { openedAt, actedAt, accessRestoredAt, closedAt, acknowledged } = incident;
  const channels = Map.groupBy(notices, ({ channel }) => channel);
  return {
    answeredAt,
    asOf: whole.asOf,
    times: {
      toDetectSeconds: secondsBetween(actedAt, openedAt),
      toNotifySeconds: secondsBetween(openedAt, sentAt),
      toAcknowledgeSeconds: secondsBetween(openedAt, acknowledged?.at),
      toRestoreSeconds: secondsBetween(openedAt, accessRestoredAt),
      toCloseSeconds: secondsBetween(openedAt, closedAt),
    },
    deliveries: [...channels]
      .map(([channel, rows]) => ({
        channel,
        sent: rows.filter(({ state }) => state === 'sent').length,
        pending: rows.filter(({ state }) => state === 'pending').length,
        givenUp: rows.filter(({ state }) => state === 'givenUp').length,
      }))
      .sort((one, other) => compareText(one.channel, other.channel)),
    chronology: chronology.sort((one, other) => Date.parse(one.at) - Date.parse(other.at)),
    easedCauses: (incident.easedCauses ?? []).map(causeAnswer),
    incident: whole,
  };
}

/** Null where one of the times is not known. Clocks of two services differ: less than nothing is nothing. */
function secondsBetween(from: string | undefined, to: string | undefined): number | null {
  if (from === undefined || to === undefined) return null;
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
}
