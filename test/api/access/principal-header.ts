/** `x-ms-client-principal` as the platform makes it; signed in with Entra unless told otherwise. */
export function principalHeader(of: {
  auth_typ?: string;
  role_typ?: string | undefined;
  roles?: string[];
  name?: string;
  oid?: string;
  claims?: [typ: string, val: string][];
}): string {
  const claims: [string, string][] = [
    ...(of.name === undefined ? [] : [['preferred_username', of.name] as [string, string]]),
    ...(of.oid === undefined
      ? []
      : [['http://schemas.microsoft.com/identity/claims/objectidentifier', of.oid] as [string, string]]),
    ...(of.roles ?? []).map((role): [string, string] => ['roles', role]),
    ...(of.claims ?? []),
  ];
  const principal = {
    auth_typ: of.auth_typ ?? 'aad',
    name_typ: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
    ...('role_typ' in of
      ? { role_typ: of.role_typ }
      : { role_typ: 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role' }),
    claims: claims.map(([typ, val]) => ({ typ, val })),
  };
  return Buffer.from(JSON.stringify(principal)).toString('base64');
}
