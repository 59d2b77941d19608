/**
 * The action that Resource Manager requires a role to allow: the provider, each resource type of the path,
 * and the verb, GET being `read`, both for one resource and for a list ("Azure resource provider operations";
 * "Understand Azure role definitions", section Actions format:
 * {Company}.{ProviderName}/{resourceType}/{action}). If a path has several providers, the last one counts: it
 * is the resource's own, the others are its scope.
 */
export function armAction(method: string, path: string): string {
  const verb = VERBS[method.toUpperCase()] ?? method.toLowerCase();
  const own = path
    .split(/\/providers\//i)
    .slice(1)
    .at(-1);
  if (own === undefined) return `Microsoft.Resources/${typesOf(path.split('/').slice(1)).join('/')}/${verb}`;
  const [provider = '', ...rest] = own.split('/');
  return [provider, ...typesOf(rest), verb].join('/');
}

const VERBS: Readonly<Record<string, string>> = {
  GET: 'read',
  HEAD: 'read',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'delete',
  POST: 'action',
};

/** The types, from type, name, type, name … */
function typesOf(parts: readonly string[]): string[] {
  return parts.filter((_, index) => index % 2 === 0);
}
