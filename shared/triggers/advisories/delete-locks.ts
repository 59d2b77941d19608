import type { Part } from '../../azure/part.ts';
import type { LockFact } from '../../facts/facts.ts';
import { azCommand } from '../az-command.ts';
import { LOCKS_PAGE } from '../links.ts';
import type { Advisory, AdvisoryFinding } from './advisory.ts';
import { absent, present, unreadableAdvisory } from './make-advisory.ts';

/** The guarded resource, in words and as an ARM id (undefined where it isn't known). */
interface Guarded {
  id: string | undefined;
  /** "the vault kv1" */
  words: string;
  /** "Key vaults → kv1" */
  portal: string;
}

/** Whether a lock, the resource's own or an inherited one, prevents its deletion. */
export function judgeLocks(
  advisory: Pick<Advisory, 'id' | 'severities'>,
  scope: string,
  { id, words, portal }: Guarded,
  locks: Part<LockFact[]> | undefined,
): AdvisoryFinding {
  if (locks?.state !== 'known')
    return unreadableAdvisory(advisory, scope, `Whether ${words} has a delete lock is`, locks);
  const { value, readAt } = locks;
  const [lock] = value;
  if (lock !== undefined) {
    const evidence = value.slice(0, SHOWN).map(({ id: source, name, level, scope: on }) => ({
      text: `Lock ${name} on ${on}: level = ${level}`,
      source,
      readAt,
    }));
    return absent(advisory, scope, `A lock (${lock.name}) keeps ${words} from being deleted.`, evidence);
  }
  return present(advisory, scope, {
    summary: `No lock keeps ${words} from being deleted by mistake.`,
    evidence: [
      { text: `No delete lock on ${words}, its resource group or its subscription`, source: scope, readAt },
    ],
    remediation: [
      {
        text: `Put a delete lock on ${words}. It holds for the control plane only: a key can still be disabled or deleted inside a vault. It needs Owner or User Access Administrator.`,
        command: azCommand(
          'lock create',
          ['--name', 'lockwatch-no-delete'],
          ['--lock-type', 'CanNotDelete'],
          ['--resource', id],
        ),
        portal: `${portal} → Settings → Locks → Add → Lock type: Delete`,
        link: LOCKS_PAGE,
      },
    ],
  });
}

/** A person checks only a few. */
const SHOWN = 3;
