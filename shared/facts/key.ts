import * as z from 'zod';
import { optionalSeconds, optionalText, parseAs } from '../azure/answer-schema.ts';
import type { ArmSession } from '../azure/arm-client.ts';
import { armIdParts, sameId } from '../azure/arm-id.ts';
import {
  gone,
  known,
  malformed,
  type Outcome,
  type Refused,
  saysGone,
  unknown,
  unreadable,
} from '../azure/outcome.ts';
import type { Part, Unknown } from '../azure/part.ts';
import type { KeyFact, KeyVersionFact } from './facts.ts';
import { latelyReplaced } from './keep-enabled.ts';

export interface KeyAsk {
  vaultId: string;
  keyName: string;
  /** The version that the policy names. */
  pinned?: string;
  /** Versions from earlier readings: reported as disabled where Azure says only that the whole key is. */
  knownVersions?: readonly string[];
}

/**
 * A key and all its versions (Key Vault REST: Keys - List Versions). The list says whether each is enabled,
 * but not its allowed operations (its published example has neither `kty` nor `keyOps`), so the version in
 * use is also read itself; if only that read fails, its type and operations are left out. If the list fails
 * or lacks something, the version in use is still known from its own answer, and the key is marked as
 * incomplete.
 */
export async function readKey(arm: ArmSession, ask: KeyAsk): Promise<Part<KeyFact>> {
  const [listed, used] = await askKey(arm, ask);
  if (saysGone(listed)) return gone(listed);
  if (saysDisabled(listed)) return disabledKey(ask, listed);
  // The key's own 404 counts where its list is empty. The 404 of one version may concern that version only.
  const isListed = listed.kind === 'answered' && listed.value.length > 0;
  if (!isListed && ask.pinned === undefined && saysGone(used)) return gone(used);
  const { versions, fault } = listedVersions(ask, listed);
  const own = ownAnswer(ask, used, isListed);
  const isOwnListed = own !== undefined && versions.some((version) => sameVersion(version, own));
  const isUsedKnown = own !== undefined || versions.some(({ version }) => sameId(version, ask.pinned));
  if (fault && !isUsedKnown) return fault;
  if (own && !isOwnListed) versions.unshift(own);

  // Times are whole seconds: of two versions created within one, only the key itself shows which is current.
  const isUsed = (version: KeyVersionFact) => (sameVersion(version, own) ? 1 : 0);
  versions.sort((a, b) => byText(b.created ?? '', a.created ?? '') || isUsed(b) - isUsed(a));
  const details = await replacedDetails(arm, ask, versions);
  const key: KeyFact = {
    name: ask.keyName,
    versions: versions.map((version) =>
      withDetail(version, isUsed(version) ? own : details.find((detail) => sameVersion(version, detail))),
    ),
  };
  const incomplete = fault ?? (own && !isOwnListed ? notListed(ask, own, listed.at) : undefined);
  return known(incomplete ? { ...key, incomplete } : key, listed.at);
}

/**
 * The versions that were replaced lately, by their own answers: environments may still use them, and the list
 * leaves out their allowed operations. A policy that names its version uses no other.
 */
async function replacedDetails(
  arm: ArmSession,
  { vaultId, keyName, pinned }: KeyAsk,
  versions: readonly KeyVersionFact[],
): Promise<KeyVersionFact[]> {
  if (pinned !== undefined) return [];
  const unread = latelyReplaced(versions, arm.clock.now()).filter(({ keyOps }) => keyOps === undefined);
  const answers = await Promise.all(unread.map(({ version }) => arm.keyVault.key(vaultId, keyName, version)));
  return answers.flatMap((answer) =>
    answer.kind === 'answered' ? (versionSchema.safeParse(answer.value).data ?? []) : [],
  );
}

/** Sends the requests that `readKey` needs; sent early, their answers are ready when it runs. */
export function askKey(
  arm: ArmSession,
  { vaultId, keyName, pinned }: KeyAsk,
): Promise<[Outcome<unknown[]>, Outcome<unknown>]> {
  const { keyVersions, key } = arm.keyVault;
  return Promise.all([keyVersions(vaultId, keyName), key(vaultId, keyName, pinned)]);
}

/**
 * Some answers of Key Vault refuse a disabled key with a 403: that is a state of the key, not a missing right
 * of ours.
 */
function saysDisabled(outcome: Outcome<unknown>): outcome is Refused {
  return outcome.kind === 'refused' && outcome.status === 403 && /KeyDisabled/i.test(outcome.text);
}

function disabledKey({ keyName, pinned, knownVersions = [] }: KeyAsk, outcome: Refused): Part<KeyFact> {
  const names = knownVersions.length > 0 ? knownVersions : pinned === undefined ? [] : [pinned];
  const why = `${outcome.what} answered that the key is disabled, without its versions`;
  if (names.length === 0)
    return unknown('invalidAnswer', `${why}, and no earlier reading showed them.`, outcome.at);
  return known(
    {
      name: keyName,
      versions: names.map((version) => ({ version, enabled: false })),
      incomplete: unknown('invalidAnswer', `${why}.`, outcome.at),
      disabled: true,
    },
    outcome.at,
  );
}

/** The versions of the list that can be read, and the reason why the list may be incomplete. */
function listedVersions(
  { vaultId, keyName }: KeyAsk,
  listed: Outcome<unknown[]>,
): { versions: KeyVersionFact[]; fault?: Unknown } {
  const what = `GET ${vaultId}/keys/${keyName}/versions`;
  if (listed.kind !== 'answered') {
    const right = `Reader on the vault ${armIdParts(vaultId).name}, or above it`;
    return { versions: [], fault: unreadable(listed, right) };
  }
  if (listed.value.length === 0)
    return { versions: [], fault: malformed(what, 'it lists no version', listed.at) };
  const versions: KeyVersionFact[] = [];
  let fault: Unknown | undefined;
  for (const item of listed.value) {
    const parsed = parseAs(versionSchema, item);
    if ('value' in parsed) versions.push(parsed.value);
    else fault ??= malformed(what, parsed.fault, listed.at);
  }
  return fault ? { versions, fault } : { versions };
}

/** The version in use by its own answer. Undefined where the answer says nothing about it. */
function ownAnswer(
  { pinned, knownVersions }: KeyAsk,
  used: Outcome<unknown>,
  isListed: boolean,
): KeyVersionFact | undefined {
  // Without a pinned version the answer is about the current one: the newest version of the earlier readings.
  const asked = pinned ?? knownVersions?.[0];
  if (saysDisabled(used) && !isListed)
    return asked === undefined ? undefined : { version: asked, enabled: false };
  if (used.kind !== 'answered') return undefined;
  const own = versionSchema.safeParse(used.value).data;
  return pinned === undefined || sameId(own?.version, pinned) ? own : undefined;
}

function notListed({ vaultId, keyName }: KeyAsk, { version }: KeyVersionFact, at: string): Unknown {
  return malformed(
    `GET ${vaultId}/keys/${keyName}/versions`,
    `it does not list the version ${version}, which is there`,
    at,
  );
}

function withDetail(version: KeyVersionFact, detail: KeyVersionFact | undefined): KeyVersionFact {
  return {
    ...version,
    kty: version.kty ?? detail?.kty,
    keyOps: version.keyOps ?? detail?.keyOps,
    keySize: version.keySize ?? detail?.keySize,
  };
}

function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function sameVersion(a: KeyVersionFact, b: KeyVersionFact | undefined): boolean {
  return a.version.toLowerCase() === b?.version.toLowerCase();
}

const versionSchema = z
  .object({
    id: optionalText,
    name: optionalText,
    properties: z.object({
      attributes: z.object({
        enabled: z.boolean(),
        // The wire format has the names of Key Vault's own API, not those of the client libraries.
        nbf: optionalSeconds,
        exp: optionalSeconds,
        created: optionalSeconds,
      }),
      kty: optionalText,
      keyOps: z.array(z.string()).nullish(),
      keySize: z.number().nullish(),
      keyUriWithVersion: optionalText,
    }),
  })
  .transform((item, context): KeyVersionFact => {
    const { attributes, kty, keyOps, keySize, keyUriWithVersion } = item.properties;
    // The URI names the version in every answer; where the key itself was requested, the name is the key's.
    const version =
      /\/keys\/[^/]+\/([^/?#]+)\/?$/i.exec(keyUriWithVersion ?? '')?.[1] ??
      /\/versions\/([^/]+)$/i.exec(item.id ?? '')?.[1];
    if (version === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['properties', 'keyUriWithVersion'],
        message: 'names no version',
      });
      return z.NEVER;
    }
    return {
      version,
      enabled: attributes.enabled,
      notBefore: attributes.nbf,
      expires: attributes.exp,
      created: attributes.created,
      kty,
      keyOps: keyOps ?? undefined,
      keySize: keySize ?? undefined,
    };
  });
