import { hash } from '../incidents/ids.ts';

const STATE_ROW = 'state';
/** The progress of the long list of environments, and its guard: a writer of the list must own it. */
export const PROGRESS_ROW = 'state|environments';

/**
 * The row of a policy's state. A row that can't be read stays unchanged, for a later version or a person, and
 * the state continues in the next place. Place 0 is `STATE_ROW` itself.
 */
export function stateRow(place: number): string {
  return place === 0 ? STATE_ROW : `${STATE_ROW}|anew|${numbered(place)}`;
}
/** The place of a policy state's row; undefined for any other row. */
export function placeOfState(rowKey: string | undefined): number | undefined {
  if (rowKey === STATE_ROW) return 0;
  const place = /^state\|anew\|(\d{3})$/.exec(rowKey ?? '')?.[1];
  return place === undefined ? undefined : Number(place);
}

/** The n-th row of a membership too long for the state row of that place. */
export function membersRow(place: number, n: number): string {
  return `${stateRow(place)}|members|${numbered(n)}`;
}
function numbered(n: number): string {
  return String(n).padStart(3, '0');
}
export function incidentRow(id: string): string {
  return `incident|${keyPart(id)}`;
}
export function environmentRow(incident: string, environmentId: string): string {
  return `environment|${keyPart(incident)}|${keyPart(environmentId.toLowerCase())}`;
}
/** In the order of time, then of the transition; the hash distinguishes two entries of the same moment. */
export function timelineRow(
  incident: string,
  entry: { at: string; what: string; text: string },
  n: number,
): string {
  const unique = hash(`${entry.what}|${entry.text}`, 8);
  return `timeline|${keyPart(incident)}|${keyPart(entry.at)}|${String(n).padStart(2, '0')}-${unique}`;
}
export function noticeRow(incident: string, noticeId: string, channel: string): string {
  return `notice|${keyPart(incident)}|${keyPart(noticeId)}|${keyPart(channel)}`;
}

/** The channels have a partition of their own, because they belong to no policy. */
export const CHANNELS_PARTITION = 'channels';
export function channelRow(channel: string): string {
  return `channel|${keyPart(channel)}`;
}

/** A group of notices has a partition of its own, because it spans policies. */
export function groupPartition(group: string): string {
  return `group-${hash(group, 32)}`;
}
export function groupRow(channel: string): string {
  return `lease|${keyPart(channel)}`;
}

/**
 * An OData filter for the rows whose key begins with `prefix` and a bar; `}` is the character after the bar.
 */
export function rowsUnder(prefix: string): string {
  return `RowKey ge '${prefix}|' and RowKey lt '${prefix}}'`;
}
export function rowsOfIncident(kind: 'environment' | 'timeline' | 'notice', incident: string): string {
  return rowsUnder(`${kind}|${keyPart(incident)}`);
}
/** The notices of one incident from this id on: ids that begin with the time sort by it. */
export function noticesSince(incident: string, noticeId: string): string {
  const prefix = `notice|${keyPart(incident)}`;
  return `RowKey ge '${prefix}|${keyPart(noticeId)}' and RowKey lt '${prefix}}'`;
}
/** The state row and all rows that belong to it. */
export const STATE_ROWS = `RowKey ge '${STATE_ROW}' and RowKey lt '${STATE_ROW}}'`;
/** The incidents of all policies. */
export const INCIDENT_ROWS = rowsUnder('incident');
export function inPartition(partition: string, filter: string): string {
  return `PartitionKey eq '${partition}' and ${filter}`;
}

/**
 * Keys must not contain / \ # ? and control characters, and end at 1 KiB. A bar would split our keys, a quote
 * a filter.
 */
function keyPart(text: string): string {
  const safe = text.replaceAll(
    /[^A-Za-z0-9.:_-]/gu,
    (character) => `=${character.codePointAt(0)?.toString(16)}=`,
  );
  return safe.length <= 150 ? safe : `${safe.slice(0, 100)}.${hash(text, 32)}`;
}
