import type { Facts, PolicyFact } from '../../shared/facts/facts.ts';
import type { Finding } from '../../shared/triggers/finding.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
import {
  aged,
  DISABLED,
  environment,
  environments,
  judgeReading,
  known,
  memoryOf,
  policy,
  NOW as READ_AT,
  reading,
  TRUSTED,
  VAULT_ID,
} from '../triggers/a-reading.ts';
import { OPENED_AT, policyId } from './a-notice.ts';

const DAYS = (Date.parse(READ_AT) - Date.parse(OPENED_AT)) / 86_400_000;
const MINUTE = 1 / (24 * 60);
const OWN: Partial<PolicyFact> = {
  id: policyId('ep-contoso'),
  name: 'ep-contoso',
  vaultId: VAULT_ID,
};

/** What the trigger itself says of these environments in two readings, a minute apart, the last at `OPENED_AT`. */
export function lockedFinding(
  names: readonly { id: string; displayName: string }[],
  healthStatus: PolicyFact['healthStatus'],
): Finding {
  const scene = (change: object, health: PolicyFact['healthStatus']): Partial<Facts> => ({
    policyId: policyId('ep-contoso'),
    policy: known(policy({ ...OWN, healthStatus: health })),
    environments: environments(
      names.map(({ id, displayName }) => environment(id, { displayName, ...change })),
    ),
  });
  const locked = reading(scene(DISABLED, healthStatus));
  const before = updateHistory(memoryOf(scene({}, 'Healthy'), DAYS + 1), aged(locked, DAYS + MINUTE));
  const found = judgeReading(aged(locked, DAYS), before, { ...TRUSTED, now: OPENED_AT }).find(
    ({ trigger, verdict }) => trigger === 'locked' && verdict !== 'clear',
  );
  if (!found) throw new Error('The trigger sees no lock.');
  return found;
}
