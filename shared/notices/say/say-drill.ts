import type { Message, Section } from './message.ts';
import type { NoticeFacts } from './notice-facts.ts';
import { truncate } from './plain.ts';

/**
 * The message of a drill: it looks like a real one, is marked as a drill throughout, and ends with what a
 * real one requires.
 */
export function asDrill(message: Message, about: NoticeFacts): Message {
  const title = `${MARK} ${message.title}`;
  const isRealReason = about.notice.reason !== 'drill';
  return {
    ...message,
    tone: 'info',
    topic: `DRILL ${message.topic}`.trim(),
    title: truncate(title, 150),
    summary: truncate(`${title}. Nothing is offline.`, 250),
    lead: [
      'This is a drill. Nothing is offline, and nothing needs to be undone.',
      ...(isRealReason ? [`A real message would say here: “${message.lead.join(' ')}”`] : message.lead),
    ],
    glance: [{ label: 'This is', value: 'a DRILL, nothing is wrong' }, ...glance(message, about)],
    sections: about.policies.length === 0 ? [wouldAskFor(undefined)] : sections(message),
    links: message.links.filter(({ of }) => of !== 'remediation' && of !== 'who'),
  };
}

const MARK = 'DRILL, nothing is wrong:';

/** There is no actor, and no deadline. */
function glance({ glance: facts }: Message, { policies }: NoticeFacts): Message['glance'] {
  if (policies.length === 0) return [];
  return facts
    .filter(({ label }) => !REAL_ONLY.has(label))
    .map(({ label, value }) => ({ label: label === 'Cause' ? 'Made-up cause' : label, value }));
}

/** A drill closes at once, so it can't be acknowledged: a request to do so would lead to an error. */
const REAL_ONLY: ReadonlySet<string> = new Set(['Who did it', 'By when', 'Who has it']);

function sections({ sections: all }: Message): Section[] {
  const kept = all.filter(({ id }) => KEPT.has(id));
  const pretending = kept.map((section) =>
    section.id === 'happened' ? { ...section, heading: 'What this drill makes believe' } : section,
  );
  return [...pretending, wouldAskFor(all.find(({ id }) => id === 'remediation'))];
}
const KEPT: ReadonlySet<string> = new Set(['down', 'happened']);

function wouldAskFor(remediation: Section | undefined): Section {
  return {
    id: 'next',
    heading: 'What a real one would ask for',
    texts: [
      'First: somebody takes it, which stops the reminders. A real message says how; this drill has ended already.',
      'Then: undo the change to the key access. A real message has the steps for the very change that was made.',
      'After that, for each environment: Power Platform admin center → Manage → Environments → the environment → the card "Environment disabled" → Re-enable environment.',
      'All of it before the date that a real message gives: locked sandbox environments are deleted after 7 days, production environments after 30 days.',
      ...(remediation?.steps?.length
        ? ['The steps for the cause of this drill would be these. Do not do them now:']
        : []),
    ],
    steps: remediation?.steps,
  };
}
