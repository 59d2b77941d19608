import type { Cause } from '../../incidents/incident.ts';
import type { Actor, NamedActor } from '../../signals/signal.ts';
import type { Trigger } from '../../triggers/finding.ts';
import { triggerOf } from '../../triggers/register.ts';
import type { Notice } from '../notice.ts';
import type { Link } from './message.ts';
import { linkTo, plain } from './plain.ts';
import { type SeparateChange, separateChanges, soleActor } from './say-changes.ts';
import type { Times } from './say-when.ts';
import { upperFirst } from './words.ts';

/** The actor and the address, one line for each. None if no actor is known and somebody must have done it. */
export function sayActors(notice: Notice, times: Times): string[] {
  const changes = separateChanges(notice);
  if (changes.length > 0)
    return changes.map((change) => {
      const { actor, isByTime } = change;
      const nobody = isByTime ? 'Nobody need have done anything.' : 'Who did it is not known yet.';
      const who = actor ? sayActor(actor) : nobody;
      return `${upperFirst(whatAndWhen(change, times.moment))}. ${who}`;
    });
  const actors = notice.incidents
    .map(({ incident }) => soleActor(incident))
    .filter((actor) => actor !== undefined);
  const lines = [...new Set(actors.map(sayActor))];
  if (lines.length > 0) return lines;
  const byTime = causedByTime(causesOf(notice));
  return byTime ? [`Nobody need have done anything: ${byTime.inFull}`] : [];
}

function whatAndWhen({ what, at, isTimeOfReading }: SeparateChange, format: Times['moment']): string {
  return `${what}${isTimeOfReading ? ', seen' : ''} at ${format(at)}`;
}

/** At a glance: the name alone; or, where several people may have made the changes, who made which. */
export function actorsInShort(notice: Notice, times: Times): string {
  const changes = separateChanges(notice);
  if (changes.length > 0)
    return upperFirst(
      changes
        .map((change) => {
          const { actor, isByTime } = change;
          const when = whatAndWhen(change, times.minute);
          return actor
            ? `${when} by ${nameOf(actor)}`
            : `${when}: ${isByTime ? 'nobody needed' : 'not known yet'}`;
        })
        .join('; '),
    );
  const names = notice.incidents
    .map(({ incident }) => soleActor(incident))
    .filter((actor) => actor !== undefined)
    .map(nameOf);
  const known = [...new Set(names)].join(', ');
  if (known !== '') return known;
  const byTime = causedByTime(causesOf(notice));
  return byTime ? `nobody needed: ${byTime.inShort}` : 'not known yet';
}

/** The words for the root cause, where the passage of time alone can have brought about every cause. */
export function causedByTime(causes: readonly Cause[]): Trigger['causedByTime'] {
  const words = causes.map(({ trigger }) => triggerOf(trigger)?.causedByTime ?? null);
  return words.includes(null) ? null : (words[0] ?? null);
}

function causesOf({ incidents }: Notice): Cause[] {
  return incidents.flatMap(({ incident }) => incident.causes);
}

/** Where the portal shows the name of an actor known only by an object id; none if the name is known. */
export function actorLink(notice: Notice, portalUrl: string): Link | undefined {
  const actor = notice.incidents.map(({ incident }) => soleActor(incident)).find((one) => one !== undefined);
  const objectId = actor?.objectId?.trim() ?? '';
  if (!actor || plain(actor.name) !== '' || !GUID.test(objectId)) return undefined;
  const application = GUID.test(actor.application ?? '') ? `/appId/${actor.application}` : '';
  const blade =
    actor.kind === 'user'
      ? `Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/overview/userId/${objectId}`
      : `Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Overview/objectId/${objectId}${application}`;
  const url = linkTo(`${portalUrl.replace(/\/+$/, '')}/#view/${blade}`);
  if (url === undefined) return undefined;
  return { text: 'Who did it, in the Azure portal', short: 'Who did it', url, of: 'who' };
}
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An event comes through a queue, so only the audit log is Azure's own record. */
const RECORDED = { auditLog: "Recorded in the vault's audit log", event: 'Reported by the event' } as const;

/** In a sentence, before the names. */
export function reportedBy({ incidents }: Notice): string {
  const isRecorded = incidents.every(({ incident }) => soleActor(incident)?.from === 'auditLog');
  return isRecorded ? "The vault's audit log records" : 'The event reports';
}

function sayActor(actor: NamedActor): string {
  const kind = actor.kind === 'unknown' ? '' : `${actor.kind} `;
  const through = plain(actor.application, 100);
  const objectId = plain(actor.objectId, 100);
  const address = plain(actor.ipAddress, 60);
  const details = [
    objectId && actor.name ? `object id ${objectId}` : '',
    through ? `through the application ${through}` : '',
    address ? `from ${address}` : 'from an address that is not told',
  ].filter((detail) => detail !== '');
  return `${RECORDED[actor.from ?? 'event']}: ${kind}${nameOf(actor)}, ${details.join(', ')}.`;
}

function nameOf(actor: Actor): string {
  const name = readable(plain(actor.name, 200));
  if (name) return name;
  const objectId = plain(actor.objectId, 100);
  return objectId ? `object id ${objectId}` : 'somebody without a name';
}

/**
 * "live.com#eve@outlook.com" is a personal account, "eve_contoso.com#EXT#@…" a guest, and MS-PIM the service
 * that ends role assignments for whoever set their time (Microsoft Entra docs: "Privileged Identity
 * Management").
 */
function readable(name: string): string {
  if (/^ms-pim$/i.test(name)) return 'Privileged Identity Management (MS-PIM)';
  const personal = /^live\.com#(.+@.+)$/i.exec(name)?.[1];
  if (personal) return `${personal} (personal account)`;
  const guest = /^(.+)_([^_]+)#EXT#@/i.exec(name);
  return guest ? `${guest[1]}@${guest[2]} (guest)` : name;
}

/**
 * Azure docs: the Activity log has operations on the resources themselves, the vault's audit log those on its
 * keys. For the page of an incident: a notice says only that nobody is known.
 */
export const LOGS_THAT_NAME_ACTORS =
  "For the vault, its network, its role assignments and the enterprise policy, look in the resource's Activity log; for the key, in the vault's audit log (AuditEvent), if one is kept.";
