import { compareText } from '../../compare-text.ts';
import { isSameActor } from '../../incidents/attribute-actor.ts';
import type { Cause, Incident } from '../../incidents/incident.ts';
import type { NamedActor } from '../../signals/signal.ts';
import { triggerOf } from '../../triggers/register.ts';
import type { Notice } from '../notice.ts';
import { plain } from './plain.ts';

/** One change that contributed to the lock, in a few words, and who made it. */
export interface SeparateChange {
  what: string;
  /** When it was made; or, if no signal gives that, when a reading first showed it. */
  at: string;
  isTimeOfReading: boolean;
  actor?: NamedActor;
  /** Time alone can have brought it about. */
  isByTime: boolean;
}

/**
 * The changes behind the lock, the first one first, where more than one person may have made them: then no name may
 * be read as that of another change. Empty: one actor made all of them, or none is known. Pure.
 */
export function separateChanges({ incidents }: Notice): SeparateChange[] {
  const all = incidents.map(({ incident }) => changesOf(incident));
  if (!all.some(differ)) return [];
  const changes = new Map<string, SeparateChange>();
  for (const change of all.flat().toSorted((a, b) => compareText(a.at, b.at))) {
    const key = `${change.what}|${change.actor ? keyOf(change.actor) : ''}`;
    if (!changes.has(key)) changes.set(key, change);
  }
  return [...changes.values()];
}

/** Who did it, where one actor did all that is known of it. */
export function soleActor(incident: Incident): NamedActor | undefined {
  return incident.actor ?? changesOf(incident)[0]?.actor;
}

function keyOf({ objectId, name, application }: NamedActor): string {
  return (objectId ?? name ?? application ?? '').toLowerCase();
}

/** The effect itself is no change; a cause that is gone counts where its actor is known. */
function changesOf(incident: Incident): SeparateChange[] {
  const standing = incident.causes.filter(({ trigger }) => triggerOf(trigger)?.about !== 'effect');
  const gone = (incident.easedCauses ?? []).filter(({ operation }) => operation?.actor !== undefined);
  return [...standing, ...gone].map((cause) => changeOf(cause, incident));
}

function changeOf(cause: Cause, incident: Incident): SeparateChange {
  const { trigger, since, finding, operation } = cause;
  const actor = operation?.actor ?? (isOnlyOne(cause, incident) ? incident.actor : undefined);
  return {
    what: plain(finding.inShort, 60) || trigger.replaceAll('-', ' '),
    at: operation?.at ?? since,
    isTimeOfReading: operation === undefined,
    ...(actor ? { actor } : {}),
    isByTime: (triggerOf(trigger)?.causedByTime ?? null) !== null,
  };
}

/** Whoever began the lock did this: no other cause began with it. */
function isOnlyOne(cause: Cause, incident: Incident): boolean {
  const began = incident.lockedSince ?? incident.openedAt;
  const first = [...incident.causes, ...(incident.easedCauses ?? [])].filter(({ since }) => since === began);
  return first.length === 1 && first[0] === cause;
}

function differ(changes: readonly SeparateChange[]): boolean {
  const [first, ...others] = changes;
  if (!first || changes.every(({ actor }) => actor === undefined)) return false;
  return others.some(({ actor }) => !first.actor || !actor || !isSameActor(first.actor, actor));
}
