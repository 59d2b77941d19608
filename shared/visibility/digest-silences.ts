import { normalId } from '../azure/arm-id.ts';
import { compareText } from '../compare-text.ts';
import { shortKey } from '../incidents/ids.ts';
import type { PolicyState } from '../incidents/incident.ts';
import type { DigestSilence } from '../incidents/report-silence.ts';
import { policyNameOf } from '../triggers/policy-chain.ts';

/** The short silences of one author over one scope, as a digest reports them. Times ISO 8601. */
export interface DigestSilences {
  author: string;
  policies: string[];
  /** The vault's ARM id, if they were requested for a whole vault. */
  vaultId?: string;
  /** How many were set or planned. */
  count: number;
  /** How many a person ended early. */
  ended: number;
  /** The reason of the last one, and when that one ends. */
  why: string;
  until?: string;
}

interface Found {
  key: string;
  silence: DigestSilence;
  policyState: PolicyState;
}

/** Nobody reads more in one digest. */
const MAX_LISTED = 20;

/** The short silences that no digest has reported yet, and the keys of all that are kept. Pure. */
export function silencesForDigest(
  known: Readonly<Record<string, unknown>>,
  policyStates: readonly PolicyState[],
): { fresh: DigestSilences[]; keys: string[] } {
  const found = policyStates.flatMap((policyState) =>
    (policyState.digestSilences ?? []).map((silence) => ({
      key: shortKey(`silence|${policyState.policyId}|${silence.at}|${silence.what}|${silence.from}`),
      silence,
      policyState,
    })),
  );
  const fresh = found.filter(({ key }) => !Object.hasOwn(known, key));
  const groups = Map.groupBy(fresh, groupOf);
  return {
    fresh: [...groups.values()].map(joined).slice(0, MAX_LISTED),
    keys: found.map(({ key }) => key),
  };
}

function groupOf({ silence: { by, vaultId, incidentId }, policyState }: Found): string {
  return [by.id ?? by.name, normalId(vaultId ?? policyState.policyId), incidentId].join('|');
}

/** A silence of a vault is one silence, though each of its policies has it. */
function joined(found: readonly Found[]): DigestSilences {
  const ofPolicy = [...Map.groupBy(found, ({ policyState }) => policyState.policyId).values()];
  const most = (what: (one: DigestSilence) => boolean) =>
    Math.max(...ofPolicy.map((some) => some.filter(({ silence }) => what(silence)).length));
  const last = found.toSorted((a, b) => compareText(a.silence.at, b.silence.at)).at(-1)?.silence;
  return {
    author: last?.by.name ?? '',
    policies: [...new Set(found.map(({ policyState }) => policyNameOf(policyState.history)))]
      .sort()
      .slice(0, MAX_LISTED),
    ...(last?.vaultId === undefined ? {} : { vaultId: last.vaultId }),
    count: most(({ what }) => what !== 'ended'),
    ended: most(({ what }) => what === 'ended'),
    why: last?.why ?? '',
    ...(last?.until === undefined ? {} : { until: last.until }),
  };
}
