import { armIdParts, normalId } from '../../azure/arm-id.ts';

/** What a person asks about. Ids, names and versions are in lower case; a vault is its name or its ARM id. */
export type BlastScope =
  | { kind: 'vault'; vault: string }
  | { kind: 'key'; vault: string; keyName: string }
  | { kind: 'version'; vault: string; keyName: string; version: string }
  | { kind: 'policy'; policy: string }
  | { kind: 'principal'; objectId: string }
  | { kind: 'resourceGroup'; id: string }
  | { kind: 'subscription'; id: string };
export type BlastScopeKind = BlastScope['kind'];

/** How each is named, for the problem that says what is wrong with it. */
export const BLAST_SCOPES: Readonly<Record<BlastScopeKind, { example: string }>> = {
  vault: { example: "a vault's name or ARM id" },
  key: {
    example:
      'a key as https://<vault>.vault.azure.net/keys/<key>, <vault>/keys/<key>, or the same with the ARM id of the vault',
  },
  version: { example: 'a key version as https://<vault>.vault.azure.net/keys/<key>/<version>' },
  policy: { example: "an enterprise policy's name, key or ARM id" },
  principal: { example: 'the object id of a principal, a GUID' },
  resourceGroup: { example: '/subscriptions/<id>/resourceGroups/<name>' },
  subscription: { example: "a subscription's id, a GUID" },
};
export const BLAST_SCOPE_KINDS = Object.keys(BLAST_SCOPES) as BlastScopeKind[];

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Letters, digits and hyphens: what Key Vault and Power Platform take in names, and `policyKey` is made of. */
const NAME = /^[0-9a-z][\w.-]{0,126}$/;
const GROUP = /^\/subscriptions\/[0-9a-f-]{36}\/resourcegroups\/[^/\s]{1,90}$/;

/** Undefined where the text is none of that kind. */
export function parseBlastScope(kind: BlastScopeKind, text: string): BlastScope | undefined {
  if (text.length > 1024) return undefined;
  const id = normalId(text);
  switch (kind) {
    case 'vault': {
      const vault = vaultIn(id);
      return vault === undefined ? undefined : { kind, vault };
    }
    case 'key':
    case 'version':
      return keyIn(kind, id);
    case 'policy':
      return isArmIdOf(id, 'microsoft.powerplatform/enterprisepolicies') || NAME.test(id)
        ? { kind, policy: id }
        : undefined;
    case 'principal':
      return GUID.test(id) ? { kind, objectId: id } : undefined;
    case 'resourceGroup':
      return GROUP.test(id) ? { kind, id } : undefined;
    case 'subscription': {
      const guid = id.replace(/^\/subscriptions\//, '');
      return GUID.test(guid) ? { kind, id: `/subscriptions/${guid}` } : undefined;
    }
  }
}

function keyIn(kind: 'key' | 'version', id: string): BlastScope | undefined {
  const path = id.replace(/^https:\/\/([0-9a-z-]+)\.[0-9a-z.-]+(?::\d+)?\//, '$1/');
  const [, place = '', keyName = '', version] =
    /^(.+?)\/keys\/([0-9a-z-]{1,127})(?:\/(?:versions\/)?([0-9a-z]{1,64}))?$/.exec(path) ?? [];
  const vault = vaultIn(place);
  if (vault === undefined || (version === undefined) !== (kind === 'key')) return undefined;
  return version === undefined
    ? { kind: 'key', vault, keyName }
    : { kind: 'version', vault, keyName, version };
}

function vaultIn(id: string): string | undefined {
  return isArmIdOf(id, 'microsoft.keyvault/vaults') || NAME.test(id) ? id : undefined;
}

function isArmIdOf(id: string, type: string): boolean {
  const found =
    /^\/subscriptions\/[^/\s]+\/resourcegroups\/[^/\s]+\/providers\/([^/]+\/[^/]+)\/[^/\s?#]+$/.exec(id);
  return found?.[1] === type;
}

/** The scope as people read it: its own spelling is not kept. */
export function blastScopeName(scope: BlastScope): string {
  switch (scope.kind) {
    case 'vault':
      return armIdParts(scope.vault).name;
    case 'key':
      return `${armIdParts(scope.vault).name}/${scope.keyName}`;
    case 'version':
      return `${armIdParts(scope.vault).name}/${scope.keyName}/${scope.version}`;
    case 'policy':
      return armIdParts(scope.policy).name;
    case 'principal':
      return scope.objectId;
    case 'resourceGroup':
    case 'subscription':
      return armIdParts(scope.id).name;
  }
}
