import type { TriggerId } from '../../shared/triggers/finding.ts';
import { triggerOf } from '../../shared/triggers/register.ts';
import type { ReceivedMail, TeamsPost } from '../receivers/received.ts';
import { type IncidentStatus, NotSeenError, type Observer, type ScenarioResult, until } from './observe.ts';

export interface StoryStep {
  step: string;
  atMs: number;
  [detail: string]: unknown;
}
export interface StoryNotice {
  channel: 'teams' | 'email';
  reason: string;
  atMs: number;
  text: string;
}
export interface Story {
  trigger: TriggerId;
  ok: boolean;
  failed?: string;
  steps: StoryStep[];
  incident: IncidentStatus | null;
  environments: string[];
  notices: StoryNotice[];
}

/** A digest of advisories says that nothing is offline: it must not be mistaken for an incident. */
const OPENED = /environments?\b.* (offline|may be locked)\b/i;
const CONFIRMED = /^(\[lockwatch[^\]]*\] )?confirmed\b/im;
const LEARNT = /now known who/i;
const RESTORED = /access is back|access .*restored/i;
const CLOSED = /^(\[lockwatch[^\]]*\] )?closed\b/im;

/**
 * Plays one trigger against its own policy and vault, from healthy through revoked to enabled and closed, and
 * observes every step only through the public surfaces. Never throws: a step not observed ends the story,
 * with its reason.
 */
export async function playStory(
  trigger: TriggerId,
  seen: Observer,
  options: { timeoutMs: number; say: (line: string) => void },
): Promise<Story> {
  const started = Date.now();
  const policy = `ep-${trigger}`;
  const story: Story = { trigger, ok: false, steps: [], incident: null, environments: [], notices: [] };
  const step = (name: string, detail: Record<string, unknown> = {}) => {
    const atMs = Date.now() - started;
    story.steps.push({ step: name, atMs, ...detail });
    options.say(
      `  ${(atMs / 1000).toFixed(1).padStart(5)} s  ${name.padEnd(15)} ${Object.values(detail).map(briefly).join('  ')}`,
    );
  };
  const wait = <T>(what: string, look: () => Promise<T | undefined>) => until(what, options.timeoutMs, look);
  const expectNotice = async (reason: string, pattern: RegExp, since: number) => {
    const card = await wait(`a Teams card (${reason}) about ${policy}`, async () =>
      (await seen.teams()).find((post) => Date.parse(post.at) >= since && isAbout(post, policy, pattern)),
    );
    const cardText = textsOf(card.body).join('\n');
    story.notices.push({ channel: 'teams', reason, atMs: Date.parse(card.at) - started, text: cardText });
    step('teams', { reason, firstLine: cardText.split('\n')[0] });
    const mail = await wait(`an email (${reason}) about ${policy}`, async () =>
      (await seen.mails()).find((one) => Date.parse(one.at) >= since && isMailAbout(one, policy, pattern)),
    );
    story.notices.push({ channel: 'email', reason, atMs: Date.parse(mail.at) - started, text: mail.text });
    step('email', { reason, subject: mail.subject });
  };

  try {
    await wait(`${policy} healthy, all its parts known`, async () => {
      const status = await seen.status(policy);
      const parts = ['policy', 'vault', 'key', 'permission', 'environments'];
      return status?.verdict === 'clear' && parts.every((part) => status.parts[part]?.state === 'known')
        ? status
        : undefined;
    });
    step('healthy', { policy });

    const actedAt = Date.now();
    const scenario = await seen.scenario(trigger, { policy });
    step('acted', { scenario: scenario.scenario });
    step('signalled', signalOf(scenario));

    story.incident = await wait(`an incident of ${policy} whose cause is ${trigger}`, async () => {
      const summary = (await seen.status(policy))?.incident;
      return summary?.triggers.some((cause) => cause.trigger === trigger)
        ? await seen.incident(summary.id)
        : undefined;
    });
    story.environments = story.incident.environments.map(({ displayName }) => displayName);
    step('opened', {
      state: story.incident.state,
      environments: story.environments,
      actor: story.incident.actor?.name ?? 'nobody named',
    });
    await expectNotice('opened', OPENED, actedAt - 1000);
    // If the sweep detected it before the actor was known, the event or the audit record still names the
    // actor.
    const { id } = story.incident;
    if (scenario.actor !== undefined) {
      story.incident = await wait(`who did it, in the incident of ${policy}`, async () => {
        const incident = await seen.incident(id);
        return incident.actor ? incident : undefined;
      });
      step('actor', { name: story.incident.actor?.name ?? story.incident.actor?.objectId });
      if (story.incident.notices.some(({ reason }) => reason === 'actorLearnt'))
        await expectNotice('actorLearnt', LEARNT, actedAt);
    }
    const isEffect = triggerOf(trigger)?.about === 'effect';
    // Its two witnesses need not come with one reading.
    if (isEffect && story.incident.state === 'suspected') {
      await wait(`the lock of ${policy} confirmed`, async () => {
        const incident = await seen.incident(id);
        return incident.state === 'revoked' ? true : undefined;
      });
      step('confirmed', { incident: id });
      await expectNotice('confirmed', CONFIRMED, actedAt);
    }
    if (triggerOf(trigger)?.isUndoneByPeople === false) return { ...story, ok: true };

    const undoneAt = Date.now();
    const reversed = await seen.scenario(`undo-${trigger}`, { policy });
    step('undone', { scenario: reversed.scenario });
    if (isEffect) {
      // Nothing that can be read was wrong, so only time shows that the lock is over.
      await wait(`${policy} healthy again`, () => seen.scenario('reenable-environment', { policy }));
      step('endsLater', { because: 'its signs must be gone for 15 minutes' });
      return { ...story, ok: true };
    }
    if (trigger === 'vault-deleted') {
      await wait('permissions-revoked, since recovering a vault brings no role assignment back', async () => {
        const summary = (await seen.status(policy))?.incident;
        return summary?.triggers.some((cause) => cause.trigger === 'permissions-revoked') ? true : undefined;
      });
      step('stillRevoked', { cause: 'permissions-revoked' });
      await seen.scenario('grant-permissions', { policy });
      step('granted');
    }
    await wait(`access restored for ${policy}`, async () => {
      const incident = await seen.incident(id);
      return incident.state === 'accessRestored' ? true : undefined;
    });
    step('accessRestored', { incident: id });
    await expectNotice('accessRestored', RESTORED, undoneAt);

    const enabledAt = Date.now();
    // Access is read from the key's chain; the policy's health, which enabling requires, may follow later.
    await wait(`${policy} healthy again`, () => seen.scenario('reenable-environment', { policy }));
    story.incident = await wait(`every environment of ${policy} seen enabled`, async () => {
      const incident = await seen.incident(id);
      return incident.environments.every(({ state }) => state === 'enabled') ? incident : undefined;
    });
    step('enabled', { environments: story.environments });
    const { provisionalUntil } = story.incident;
    if (typeof provisionalUntil === 'string') {
      // Azure may apply a change late, so the incident stays open until the change has certainly taken
      // effect.
      step('closesLater', { notBefore: provisionalUntil });
      return { ...story, ok: true };
    }
    story.incident = await wait(`the incident of ${policy} closed`, async () => {
      const incident = await seen.incident(id);
      return incident.state === 'closed' ? incident : undefined;
    });
    step('closed', { incident: id });
    await expectNotice('closed', CLOSED, enabledAt);
    story.incident = await seen.incident(id);
    return { ...story, ok: true };
  } catch (error) {
    if (!(error instanceof NotSeenError)) throw error;
    options.say(`  FAILED   ${error.message}`);
    return { ...story, failed: error.message };
  }
}

function signalOf(scenario: ScenarioResult): Record<string, unknown> {
  const queued = scenario.events.find(({ delivered }) => delivered === 'queue');
  if (queued) return { messageId: queued.messageId ?? queued.id, type: queued.operation ?? queued.type };
  return { messageId: null, because: scenario.silent ?? 'Azure raises no event for it' };
}

function isAbout(post: TeamsPost, policy: string, pattern: RegExp): boolean {
  const texts = textsOf(post.body);
  return texts.some((text) => names(text, policy)) && texts.slice(0, 4).some((text) => pattern.test(text));
}

function isMailAbout(mail: ReceivedMail, policy: string, pattern: RegExp): boolean {
  return names(mail.text, policy) && pattern.test(`${mail.subject}\n${mail.text.slice(0, 400)}`);
}

/**
 * The policy's whole name: 'ep-key-disabled-2' does not name 'ep-key-disabled'. A card may escape its dashes.
 */
function names(text: string, policy: string): boolean {
  return new RegExp(`(^|[^a-z0-9-])${policy}($|[^a-z0-9-])`, 'i').test(text.replaceAll('\\', ''));
}

/** Every text of a card, in reading order. */
export function textsOf(body: unknown): string[] {
  if (Array.isArray(body)) return body.flatMap(textsOf);
  if (typeof body !== 'object' || body === null) return [];
  return Object.entries(body).flatMap(([field, value]) =>
    typeof value === 'string'
      ? ['text', 'title', 'value', 'summary'].includes(field)
        ? [value]
        : []
      : textsOf(value),
  );
}

function briefly(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}
