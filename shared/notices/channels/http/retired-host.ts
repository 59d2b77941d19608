/** A host whose addresses accept messages and may deliver none of them. */
interface Retired {
  isAt(host: string): boolean;
  /** As people know it. */
  name: string;
}

const at = (name: string) => (host: string) => host === name || host.endsWith(`.${name}`);

/** Office 365 connectors ("Retirement of Office 365 connectors within Microsoft Teams"). */
const CONNECTORS: readonly Retired[] = [
  { isAt: at('webhook.office.com'), name: 'webhook.office.com' },
  { isAt: at('outlook.office.com'), name: 'outlook.office.com' },
  { isAt: at('outlook.office365.com'), name: 'outlook.office365.com' },
];

/** Workflows moved to *.api.powerplatform.com. Of Azure's own logic apps the host is a current one. */
const OLD_WORKFLOWS: Retired = { isAt: at('logic.azure.com'), name: '*.logic.azure.com' };

/**
 * The sentence on an address at a retired host, without more of the address than that. `isTeams`: it is the
 * address of a Teams workflow. Undefined: it is at no such host. Pure.
 */
export function retiredAddress(url: string, setting: string, isTeams: boolean): string | undefined {
  const host = URL.parse(url)?.hostname.toLowerCase() ?? '';
  const retired = [...CONNECTORS, ...(isTeams ? [OLD_WORKFLOWS] : [])].find(({ isAt }) => isAt(host));
  return (
    retired &&
    `${setting} is an address at ${retired.name}, which is retired: it may accept messages and deliver none. Make a new webhook with the Workflows app in Teams, and set its address (…api.powerplatform.com).`
  );
}
