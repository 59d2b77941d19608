import * as z from 'zod';
import { inForm, optionalSeconds, optionalText } from './answer-form.ts';
import type { ArmPass } from './arm-client.ts';
import { armIdParts } from './arm-id.ts';
import type { KeyFact, KeyVersionFact, Part } from './facts.ts';
import {
  gone,
  known,
  malformed,
  type Outcome,
  type Refused,
  saysGone,
  unknown,
  unreadable,
} from './outcome.ts';
import { KEY_VAULT_API } from './vault.ts';

export interface KeyAsk {
  vaultId: string;
  keyName: string;
  /** The version that the policy names. */
  pinned?: string;
  /** Versions that earlier readings showed: told as disabled where Azure only says that the whole key is. */
  knownVersions?: readonly string[];
}

/**
 * A key and all its versions (Key Vault REST: Keys - List Versions). The list tells whether each is enabled, but not
 * what it may do (its published example has neither `kty` nor `keyOps`), so the version in use is read beside it; where
 * that one read fails, its type and operations are simply not told.
 */
export async function readKey(arm: ArmPass, ask: KeyAsk): Promise<Part<KeyFact>> {
  const { vaultId, keyName } = ask;
  const id = `${vaultId}/keys/${keyName}`;
  const [listed, used] = await askKey(arm, ask);
  if (saysGone(listed)) return gone(listed);
  if (saysDisabled(listed)) return disabledKey(ask, listed);
  if (listed.kind !== 'answered')
    return unreadable(listed, `Reader on the vault ${armIdParts(vaultId).name}, or above it`);
  if (listed.value.length === 0) return emptyKey(ask, used, listed.at);

  const versions: KeyVersionFact[] = [];
  for (const item of listed.value) {
    const parsed = inForm(versionForm, item);
    if ('fault' in parsed) return malformed(`GET ${id}/versions`, parsed.fault, listed.at);
    versions.push(parsed.value);
  }
  const detail = used.kind === 'answered' ? versionForm.safeParse(used.value).data : undefined;
  // Times are whole seconds: of two versions made within one, the key itself tells which is current.
  const isUsed = (version: KeyVersionFact) => (sameVersion(version, detail) ? 1 : 0);
  versions.sort((a, b) => (b.created ?? '').localeCompare(a.created ?? '') || isUsed(b) - isUsed(a));
  const name = keyName;
  return known({ name, versions: versions.map((version) => withDetail(version, detail)) }, listed.at);
}

/** Sends what `readKey` needs; asked early, the answers are there when it runs. */
export function askKey(
  arm: ArmPass,
  { vaultId, keyName, pinned }: KeyAsk,
): Promise<[Outcome<unknown[]>, Outcome<unknown>]> {
  const id = `${vaultId}/keys/${keyName}`;
  return Promise.all([
    arm.list(`${id}/versions`, KEY_VAULT_API),
    arm.get(pinned === undefined ? id : `${id}/versions/${pinned}`, KEY_VAULT_API),
  ]);
}

/** Some answers of Key Vault refuse a disabled key with a 403: that is a state of the key, and no lack of ours. */
function saysDisabled(outcome: Outcome<unknown>): outcome is Refused {
  return outcome.kind === 'refused' && outcome.status === 403 && /KeyDisabled/i.test(outcome.text);
}

function disabledKey({ keyName, pinned, knownVersions = [] }: KeyAsk, outcome: Refused): Part<KeyFact> {
  const names = knownVersions.length > 0 ? knownVersions : pinned === undefined ? [] : [pinned];
  if (names.length === 0)
    return unknown(
      'invalidAnswer',
      `${outcome.what} answered that the key is disabled, without its versions, and no earlier reading showed them.`,
      outcome.at,
    );
  return known(
    { name: keyName, versions: names.map((version) => ({ version, enabled: false })) },
    outcome.at,
  );
}

/** No version listed: gone only where the key itself is not there either. */
function emptyKey({ vaultId, keyName }: KeyAsk, used: Outcome<unknown>, at: string): Part<KeyFact> {
  if (saysGone(used)) return gone(used);
  return malformed(`GET ${vaultId}/keys/${keyName}/versions`, 'it lists no version', at);
}

function withDetail(version: KeyVersionFact, detail: KeyVersionFact | undefined): KeyVersionFact {
  if (detail === undefined || !sameVersion(version, detail)) return version;
  return {
    ...version,
    kty: version.kty ?? detail.kty,
    keyOps: version.keyOps ?? detail.keyOps,
    keySize: version.keySize ?? detail.keySize,
  };
}

function sameVersion(a: KeyVersionFact, b: KeyVersionFact | undefined): boolean {
  return a.version.toLowerCase() === b?.version.toLowerCase();
}

const versionForm = z
  .object({
    id: optionalText,
    name: optionalText,
    properties: z.object({
      attributes: z.object({
        enabled: z.boolean(),
        // On the wire as Key Vault's own API spells them, not as the libraries do.
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
    // The URI tells the version in every answer: the name is the key's where the key itself was asked for.
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
