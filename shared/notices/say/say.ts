import type { Notice } from '../notice.ts';
import type { Link, Message } from './message.ts';
import { factsOf, isEffect, type NoticeFacts } from './notice-facts.ts';
import { helpLink, incidentPath, OPEN_INCIDENTS_PATH, pageLink } from './page-links.ts';
import { linkTo, plain, steady, truncate } from './plain.ts';
import { actorLink, actorsInShort } from './say-actor.ts';
import { assigneesInShort, closedInShort, formsLink } from './say-assignees.ts';
import { hasDeletions } from './say-deletions.ts';
import { asDrill } from './say-drill.ts';
import { portalLink, sayPolicies } from './say-environments.ts';
import { sayLead } from './say-lead.ts';
import { hasDeadline, saySections } from './say-sections.ts';
import { saySilenced } from './say-silenced.ts';
import { sayUndelivered } from './say-undelivered.ts';
import { sayVisibility } from './say-visibility.ts';
import { timesIn } from './say-when.ts';
import { between, duration, listed, thousands } from './words.ts';

export interface SayOptions {
  /** Base of links to environments: "https://admin.powerplatform.microsoft.com". */
  adminCenterUrl: string;
  /** Base of links to resources: "https://portal.azure.com". */
  portalUrl: string;
  /** The Power Platform API, where the cloud's address is published: commands to enable environments. */
  powerPlatformApiEndpoint?: string;
  /** The zone (IANA) of times beside UTC. */
  timeZone?: string;
  /** The name of this deployment, for those who get the notices of several. */
  deployment?: string;
  /** Base address of the documents. Without it, notices link to the app's own page of them. */
  docsUrl?: string;
  /** How many environments of a policy are named, if the channel has less room than a mail. */
  maxNamed?: number;
}

/**
 * The content of a notice as plain data: one message for all its incidents, the shared cause once, the
 * environments by policy. Pure; never throws, whatever an incident contains.
 */
export function say(notice: Notice, options: SayOptions): Message {
  const message = sayNotice(notice, options);
  const { publicUrl } = notice;
  const helpUrl = helpLink(notice.reason, { docsUrl: options.docsUrl, publicUrl });
  const deployment = plain(options.deployment ?? '', 40);
  if (deployment === '') return { ...message, helpUrl };
  return { ...message, helpUrl, deployment, footer: `${message.footer} Deployment: ${deployment}.` };
}

function sayNotice(notice: Notice, options: SayOptions): Message {
  const times = timesIn(options.timeZone);
  if (notice.undelivered) return sayUndelivered({ ...notice, undelivered: notice.undelivered }, times);
  if (notice.visibility) return sayVisibility({ ...notice, visibility: notice.visibility }, times);
  if (notice.silences) return saySilenced({ ...notice, silences: notice.silences }, times);
  const about = factsOf(notice, sayPolicies(notice, options, times), times);
  const { tone, title, sentences } = sayLead(about);
  const by = byWhen(about);
  const message: Message = {
    messageId: notice.messageId,
    reason: notice.reason,
    tone,
    topic: truncate(listed(about.policies.map(({ name }) => name).sort(), 2), 60),
    title: truncate(title, 150),
    summary: truncate(by ? `${title}. ${by.sentence}` : closing(about, title, sentences), 250),
    lead: sentences,
    glance: glance(about, by),
    sections: saySections(about, sentences, options),
    environmentsUrl: linkTo(environmentsUrl(options)),
    links: links(about, options),
    footer: `Sent by Lockwatch. ${times.note}`,
  };
  return about.isDrill ? asDrill(message, about) : message;
}

function glance(about: NoticeFacts, by: ByWhen | undefined): Message['glance'] {
  const { notice, cause, causes, since, times } = about;
  return [
    { label: 'Environments', value: environmentNames(about) },
    { label: 'Since', value: times.moment(since) },
    { label: 'Cause', value: causes[0] && isEffect(causes[0]) ? 'not known' : cause },
    { label: 'Who did it', value: actorsInShort(notice, times) },
    ...(by
      ? [{ label: 'By when', value: by.fact }]
      : hasDeadline(about) && about.recoverBy === undefined && !about.isDrill
        ? [{ label: 'By when', value: 'not known' }]
        : []),
    ...(notice.reason === 'closed' ? closedInShort(about) : assigneesInShort(about)),
  ];
}

/** The toast of an end includes how it ended. */
function closing({ notice }: NoticeFacts, title: string, sentences: readonly string[]): string {
  const last = notice.reason === 'closed' ? sentences.at(-1) : undefined;
  return last === undefined ? title : `${title}. ${last}`;
}

/** By name: a reader sees at once whether their own environment is affected. */
function environmentNames({
  policies,
  environments,
  policyNames,
  isWithoutEnvironments,
}: NoticeFacts): string {
  if (isWithoutEnvironments) return 'none known';
  const names = policies.flatMap(({ environments: named }) =>
    named.map(({ name }) => steady(truncate(name, 60))),
  );
  if (names.length === 0) return `${environments} of ${policyNames}`;
  const all = policies.reduce((sum, { count }) => sum + count, 0);
  const shown = names.slice(0, all > NAMES ? NAMES - 1 : NAMES);
  const rest = all - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${thousands(rest)} more` : listed(shown, NAMES);
}

const NAMES = 4;
const WITHOUT_DEADLINE: ReadonlySet<string> = new Set(['closed', 'visibilityRestored', 'drill']);

interface ByWhen {
  /** At a glance: "in 7 days: Sun 30 Nov 2025, 02:13 UTC, an estimate. They may be lost after that". */
  fact: string;
  /** For the toast. */
  sentence: string;
}

function byWhen(about: NoticeFacts): ByWhen | undefined {
  const { notice, recoverBy, isDrill, isRestored, isSuspected, total, times } = about;
  if (!recoverBy || isDrill || WITHOUT_DEADLINE.has(notice.reason)) return undefined;
  const areSomeDeleted = hasDeletions(about);
  if (total === 0 && (isRestored || areSomeDeleted)) return undefined;
  const left = between(notice.at, recoverBy.at) ?? 0;
  const at = times.moment(recoverBy.at);
  const guess = recoverBy.isEstimate ? ', an estimate' : '';
  if (left <= 0) return { fact: `now past: ${at}${guess}`, sentence: 'Act at once all the same' };
  if (notice.reason === 'deadline')
    return { fact: `in ${duration(left)}: ${at}${guess}`, sentence: `That is ${at}` };
  return {
    fact: `in ${duration(left)}: ${at}${guess}. ${total === 1 ? 'It' : 'They'} may be lost after that`,
    sentence: `${isRestored ? 'Enable' : isSuspected ? 'If locked, save' : 'Save'} ${areSomeDeleted ? 'the others' : total === 1 ? 'it' : 'them'} within ${duration(left)}, by ${at}`,
  };
}

function links(about: NoticeFacts, options: SayOptions): Link[] {
  const { notice, causes } = about;
  const [first, ...others] = notice.incidents;
  const root = causes[0]?.scope;
  const forms = formsLink(about);
  const candidates = [
    {
      text: others.length === 0 ? 'This incident' : 'All incidents',
      short: others.length === 0 ? 'The incident' : 'All incidents',
      url:
        first &&
        pageLink(
          notice.publicUrl,
          others.length === 0 ? incidentPath(first.incident.id) : OPEN_INCIDENTS_PATH,
        ),
    },
    ...(forms ? [forms] : []),
    {
      text: 'Environments in the admin center',
      short: 'Admin center',
      url: environmentsUrl(options),
      of: 'next' as const,
    },
    // A key has no page of its own under its ARM id; its vault has.
    {
      text: 'Where the cause lies, in the Azure portal',
      short: 'Azure portal',
      url: root && portalLink(options.portalUrl, root.replace(/\/keys\/.*$/i, '')),
      of: 'remediation' as const,
    },
  ];
  const safe = candidates.flatMap(({ url, ...link }) => {
    const href = linkTo(url || undefined);
    return href ? [{ ...link, url: href }] : [];
  });
  const who = actorLink(notice, options.portalUrl);
  return who ? [...safe, who] : safe;
}

function environmentsUrl({ adminCenterUrl }: SayOptions): string {
  return `${adminCenterUrl.replace(/\/+$/, '')}/environments`;
}
