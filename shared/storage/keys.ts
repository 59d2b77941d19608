import { hash } from '../incidents/ids.ts';
import { WATCH_ITSELF } from '../visibility/visibility-state.ts';

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

/**
 * Beside the rows of a notice, one for each channel: as long as it is there, some of them may be pending. So these
 * are found without reading those that were sent.
 */
export function pendingRow(incident: string, noticeId: string): string {
  return `pending|${keyPart(incident)}|${keyPart(noticeId)}`;
}
/** The rows of the notice that has this row beside it. */
export function noticesBeside(pending: string): string {
  return rowsUnder(`notice${pending.slice('pending'.length)}`);
}

/** Of the table `history`: one row for each incident in it, of all policies. */
export const ENDED_PARTITION = 'ended';
/** Sorts the newest first, each state by itself. The row is in `ENDED_PARTITION` and in the policy's partition. */
export function endedRow(state: string, openedAt: string, incident: string): string {
  return `ended|${state}|${invertedTime(Date.parse(openedAt))}|${keyPart(incident)}`;
}
/** Those of one state that opened in this range. */
export function endedBetween(state: string, { from, to, after }: EndedRange): string {
  const newest = `ended|${state}|${invertedTime(to ?? MAX_TIME)}`;
  const begin = after !== undefined && after >= newest ? `gt '${after}'` : `ge '${newest}'`;
  return `RowKey ${begin} and RowKey lt 'ended|${state}|${invertedTime(from ?? 0)}}'`;
}
/** Times in milliseconds, both included. `after`: only the rows behind this key. */
export interface EndedRange extends Partial<TimeRange> {
  after?: string | undefined;
}
const MAX_TIME = 9_999_999_999_999;
/** A time outside of what 13 digits hold was written by a wrong clock, and sorts as the first or the last. */
function invertedTime(ms: number): string {
  return String(MAX_TIME - Math.min(Math.max(ms || 0, 0), MAX_TIME)).padStart(13, '0');
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
export function rowsOfIncident(
  kind: 'environment' | 'timeline' | 'notice' | 'pending',
  incident: string,
): string {
  return rowsUnder(`${kind}|${keyPart(incident)}`);
}
/**
 * How the id of a notice begins that belongs to no incident: the subject is a policy's key, or Lockwatch itself
 * (`nextSequence`), and the time follows, so that the notices of one subject sort by time.
 */
export function ownNoticeId(subject: string, atMs: number): string {
  const ms = Math.min(Math.max(atMs, 0), MAX_TIME);
  return `${subject === WATCH_ITSELF ? 'visibility' : subject}-${String(ms).padStart(13, '0')}`;
}
/**
 * The notices of this range that belong to no incident (`ownNoticeId`): their ids begin with the time, and so sort by
 * it.
 */
export function ownNoticesBetween(subject: string, { from, to }: TimeRange): string {
  const key = (ms: number) => `notice|${keyPart(subject)}|${ownNoticeId(subject, ms)}`;
  return `RowKey ge '${key(from)}' and RowKey lt '${key(to)}}'`;
}
/** Times in milliseconds, both included. */
export interface TimeRange {
  from: number;
  to: number;
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
