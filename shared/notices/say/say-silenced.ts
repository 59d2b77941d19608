import type { Notice, NoticeSilence } from '../notice.ts';
import type { Message } from './message.ts';
import { incidentFormsPath, pageAddress, pageLink } from './page-links.ts';
import { pathPart, plain, truncate } from './plain.ts';
import { nameOf } from './say-assignees.ts';
import type { Times } from './say-when.ts';
import { listed } from './words.ts';

/** The message of a silence that a person set, planned or ended, over one policy or all of a vault. Pure. */
export function saySilenced(notice: Notice & { silences: NoticeSilence[] }, times: Times): Message {
  const { silences } = notice;
  const names = [...new Set(silences.map(({ policyName }) => plain(policyName, 100)))].sort();
  const over = `${names.length === 1 ? 'policy' : 'policies'} ${listed(names)}`;
  const whats = new Set(silences.map(({ what }) => what));
  const isEnd = whats.size === 1 && whats.has('ended');
  const did = isEnd ? 'ended' : whats.has('set') ? 'set' : 'planned';
  const title = `Silence ${did}: ${over}`;
  const said = [...new Set(silences.map((one) => sentenceOf(one, times)))];
  const status = pageLink(notice.publicUrl, '/');
  const forms = isEnd ? undefined : pageLink(notice.publicUrl, pageOf(silences).path);
  return {
    messageId: notice.messageId,
    reason: notice.reason,
    tone: 'info',
    topic: truncate(listed(names, 2), 60),
    title: truncate(title, 150),
    summary: truncate(`${title}. ${said[0] ?? ''}`, 250),
    lead: [...said.slice(0, MAX_SAID), isEnd ? REPORTS_AGAIN : IN_SILENCE],
    glance: [
      { label: 'Policies', value: listed(names, 4) },
      { label: isEnd ? 'Ended by' : 'Requested by', value: listed(authorsOf(silences), 4) },
      ...(isEnd ? [] : [{ label: 'Until', value: untilOf(silences, times) }]),
    ],
    sections: isEnd
      ? []
      : [
          {
            id: 'next',
            heading: 'How to end it',
            texts: [
              `If this was not intended, open ${whereOf(silences, notice.publicUrl)} and end the silence there. Then ask the person who requested it.`,
            ],
          },
        ],
    links: [
      ...(forms ? [{ text: 'End the silence', short: 'End it', url: forms }] : []),
      ...(status ? [{ text: 'The state of all policies', short: 'Status', url: status }] : []),
    ],
    footer: `Sent by Lockwatch. ${times.note}`,
  };
}

const MAX_SAID = 8;
const IN_SILENCE =
  'During a silence a new lock is not reported until the silence ends. A lock that gets worse, and a deadline within 24 hours, are reported all the same.';
const REPORTS_AGAIN = 'Lockwatch reports everything again, unless another silence is in force.';

function sentenceOf({ what, by, why, from, until }: NoticeSilence, times: Times): string {
  const reason = plain(why, 300).replace(/[.\s]+$/, '') || 'no reason given';
  if (what === 'ended') return `${nameOf(by)} ended the silence: ${reason}.`;
  const begin = what === 'planned' ? `from ${times.moment(from)} ` : '';
  const verb = what === 'planned' ? 'planned' : 'asked for';
  return `${nameOf(by)} ${verb} a silence ${begin}until ${times.moment(until)}: ${reason}.`;
}

function authorsOf(silences: readonly NoticeSilence[]): string[] {
  return [...new Set(silences.map(({ by }) => nameOf(by)))];
}

/** The last end, since only then everything is reported again. */
function untilOf(silences: readonly NoticeSilence[], times: Times): string {
  const ends = silences.flatMap(({ until }) => until ?? []);
  return times.moment(ends.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1));
}

/** Where an address is set, the message has a link to the page. */
function whereOf(silences: readonly NoticeSilence[], publicUrl: string | undefined): string {
  const { name, path } = pageOf(silences);
  return pageLink(publicUrl, path) ? name : `${name} (${pageAddress(publicUrl, path)})`;
}

/** The page with the form that ends it. */
function pageOf([first]: readonly NoticeSilence[]): { name: string; path: string } {
  const vault = first?.vaultId?.split('/').at(-1);
  if (vault)
    return { name: `the page of the vault ${plain(vault, 100)}`, path: `/vaults/${pathPart(vault)}` };
  if (first?.incidentId !== undefined)
    return { name: 'the page of the incident', path: incidentFormsPath(first.incidentId) };
  const policy = first?.policyName ?? '';
  return { name: `the page of the policy ${plain(policy, 100)}`, path: `/policies/${pathPart(policy)}` };
}
