import type { Link, Message } from './message.ts';
import type { Notice } from './notice.ts';
import { cut, linkTo, pathPart } from './plain.ts';
import { actorLink, actorsInShort } from './say-actor.ts';
import { portalLink, sayPolicies } from './say-environments.ts';
import { sayLead } from './say-lead.ts';
import { saySections } from './say-sections.ts';
import { saySight } from './say-sight.ts';
import { type Told, told } from './told.ts';
import { between, duration, moment } from './words.ts';

export interface SayOptions {
  /** Base of links to environments: "https://admin.powerplatform.microsoft.com". */
  adminCenterUrl: string;
  /** Base of links to resources: "https://portal.azure.com". */
  portalUrl: string;
}

/**
 * What a notice says, in plain data: one message for all its incidents, the shared cause once, the environments by
 * policy. Times are UTC. Pure; never throws for what an incident holds.
 */
export function say(notice: Notice, options: SayOptions): Message {
  if (notice.sight) return saySight({ ...notice, sight: notice.sight });
  const about = told(notice, sayPolicies(notice, options));
  const { tone, title, sentences } = sayLead(about);
  const by = byWhen(about);
  return {
    messageId: notice.messageId,
    reason: notice.reason,
    tone,
    title: cut(title, 150),
    summary: cut(by ? `${title}. Save them by ${by}` : title, 250),
    lead: sentences,
    glance: glance(about, by),
    sections: saySections(about),
    environmentsUrl: linkTo(environmentsUrl(options)),
    links: links(about, options),
  };
}

function glance(about: Told, by: string): Message['glance'] {
  const { notice, environments, policyNames, cause, since } = about;
  const facts = [
    { label: 'Environments', value: `${environments} of ${policyNames}` },
    { label: 'Since', value: moment(since) },
    { label: 'Cause', value: cause },
    { label: 'Who', value: actorsInShort(notice) },
  ];
  return by ? [...facts, { label: 'By when', value: by }] : facts;
}

function byWhen({ notice, recoverBy }: Told): string {
  if (!recoverBy || notice.reason === 'closed' || notice.reason === 'sightRegained') return '';
  const left = between(notice.at, recoverBy.at) ?? 0;
  const ahead = left > 0 ? `in ${duration(left)}` : 'now past';
  return `${moment(recoverBy.at)} (${ahead}${recoverBy.isEstimate ? ', an estimate' : ''})`;
}

function links(about: Told, options: SayOptions): Link[] {
  const { notice, causes } = about;
  const [first, ...others] = notice.incidents;
  const root = causes[0]?.scope;
  const base = notice.publicUrl?.replace(/\/+$/, '');
  const candidates = [
    {
      text: others.length === 0 ? 'This incident' : 'All incidents',
      url:
        base &&
        first &&
        (others.length === 0 ? `${base}/api/incidents/${pathPart(first.incident.id)}` : `${base}/api/status`),
    },
    {
      text: 'Environments in the admin center',
      url: environmentsUrl(options),
    },
    // A key has no page of its own under its ARM id; its vault has.
    {
      text: 'Where the cause lies, in the Azure portal',
      url: root && portalLink(options.portalUrl, root.replace(/\/keys\/.*$/i, '')),
    },
  ];
  const safe = candidates.flatMap(({ text, url }) => {
    const href = linkTo(url || undefined);
    return href ? [{ text, url: href }] : [];
  });
  const who = actorLink(notice, options.portalUrl);
  return who ? [...safe, who] : safe;
}

function environmentsUrl({ adminCenterUrl }: SayOptions): string {
  return `${adminCenterUrl.replace(/\/+$/, '')}/environments`;
}
