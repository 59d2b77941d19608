import { textIn, valueIn } from './cli.ts';
import { instancesIn, pairsIn, phonesIn, textsIn, vaultsIn } from './variable-texts.ts';

/** What is wrong with the text of a variable: each continues the sentence after its name. */
export type VariableSchema = (text: string) => string[];

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const GROUP_ID = '/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+';
const EMAIL = /^[^\s@;,]+@[^\s@;,]+\.[^\s@;,]+$/;

export const guidText = matching(GUID, 'an id (a GUID)');
export const guids = listed(textsIn, 'a list of ids: a;b, or JSON', (item) =>
  typeof item === 'string' && GUID.test(item) ? [] : ['an id (a GUID)'],
);
export const emails = listed(textsIn, 'a list of email addresses: a;b, or JSON', (item) =>
  typeof item === 'string' && EMAIL.test(item) ? [] : ['an email address'],
);
export const addressText = matching(EMAIL, 'an email address');
export const yesNoText: VariableSchema = choiceOf('true', 'false');
/** "Resource group naming restrictions": 1 to 90 characters, `-events` included, and no dot at the end. */
export const groupName = matching(
  /^[\p{L}\p{N}_().-]{0,82}[\p{L}\p{N}_()-]$/u,
  'the name of a resource group (letters, digits, _ ( ) - . and at most 83 characters)',
);
export const vaults = listed(
  vaultsIn,
  'a list of vaults: <id>,<location>;<id>,<location>,auditLog, or JSON',
  (item) => {
    const isVault = isId('Microsoft\\.KeyVault/vaults', textIn(item, 'id'));
    return [
      ...(isVault ? [] : ["a key vault's resource id"]),
      ...(textIn(item, 'location') === undefined ? ['a vault with its location (the region)'] : []),
    ];
  },
);
export const policies = listed(textsIn, 'a list of enterprise policies: a;b, or JSON', (item) =>
  isId('Microsoft\\.PowerPlatform/enterprisePolicies', item) ? [] : ["an enterprise policy's resource id"],
);
/** "System topics in Azure Event Grid": one for each source. */
export const topics: VariableSchema = (text) =>
  pairFaults(text, 'system topics: <id of the source>=<id of the topic>, or JSON', ([source, id]) =>
    /^\/subscriptions\//i.test(source) && isId('Microsoft\\.EventGrid/systemTopics', id)
      ? []
      : [`'${source.slice(0, 60)}' must be a source's resource id, with a system topic's`],
  );
const SUBNET = `${GROUP_ID}/providers/Microsoft\\.Network/virtualNetworks/[^/]+/subnets`;
export const subnet = matching(new RegExp(`^${SUBNET}/[^/]+$`, 'i'), "a subnet's resource id");
/** "Flex Consumption plan": a subnet with an underscore in its name is not taken. */
export const appSubnet = matching(
  new RegExp(`^${SUBNET}/[^/_]+$`, 'i'),
  "a subnet's resource id, without an underscore in the subnet's name",
);
export const dnsZones = listed(textsIn, 'a list of private DNS zones: a;b, or JSON', (item) =>
  isId('Microsoft\\.Network/privateDnsZones', item) ? [] : ["a private DNS zone's resource id"],
);
export const phones = listed(phonesIn, 'a list of telephones: +49 15100000000;+1 5550100, or JSON', (item) =>
  /^\d{1,3}$/.test(textIn(item, 'countryCode') ?? '') && /^\d{4,15}$/.test(textIn(item, 'phoneNumber') ?? '')
    ? []
    : ['a telephone with country code (+49 15100000000)'],
);
/** "Flex Consumption plan: always ready instances": http, blob, durable, or function:<name>. */
export const instances = listed(
  instancesIn,
  'a list of instances: function:storageQueue=1;http=1, or JSON',
  (item) => {
    const count = valueIn(item, 'instanceCount');
    const isCount = typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= 1000;
    return /^(http|blob|durable|function:\w+)$/.test(textIn(item, 'name') ?? '') && isCount
      ? []
      : ['a name with a number of instances (function:storageQueue=1)'];
  },
);
/** "Use tags to organize your Azure resources", section Limitations. */
export const tags: VariableSchema = (text) =>
  pairFaults(text, 'tags: name=value;name=value, or JSON', ([name, value]) =>
    /^[^<>%&\\?/]{1,512}$/.test(name) && typeof value === 'string' && value.length <= 256
      ? []
      : [
          `'${name.slice(0, 60)}' is no tag (no < > % & \\ ? / in its name, and a value of at most 256 characters)`,
        ],
  );
/** A subnet for the app (/27) and one for the private endpoints have to fit. */
export const networkPrefix: VariableSchema = (text) => {
  const [, address = '', bits = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const isAddress =
    /^\d{1,3}(\.\d{1,3}){3}$/.test(address) && address.split('.').every((part) => Number(part) <= 255);
  return isAddress && Number(bits) >= 8 && Number(bits) <= 25
    ? []
    : [`must be a range of addresses of /25 or larger, such as 10.71.0.0/24, and is '${text.slice(0, 40)}'.`];
};

export function choiceOf(...values: string[]): VariableSchema {
  return (text) =>
    values.includes(text) ? [] : [`must be ${values.join(', ')}, and is '${text.slice(0, 40)}'.`];
}

export function whole(min: number, max: number): VariableSchema {
  return (text) =>
    /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max
      ? []
      : [`must be a whole number from ${min} to ${max}, and is '${text.slice(0, 40)}'.`];
}

export function matching(pattern: RegExp, what: string): VariableSchema {
  return (text) => (pattern.test(text) ? [] : [`must be ${what}, and is '${text.slice(0, 60)}'.`]);
}

/** A secret: its text is never part of a fault. */
export function secretUrl(...schemes: string[]): VariableSchema {
  return (text) =>
    URL.canParse(text) && schemes.includes(new URL(text).protocol.replace(':', ''))
      ? []
      : [`must be an address that begins with ${schemes.map((one) => `${one}://`).join(' or ')}.`];
}

export function pairFaults(
  text: string,
  what: string,
  check: (pair: [string, unknown]) => string[],
): string[] {
  return parsed(
    () => pairsIn(text),
    what,
    (all) => all.flatMap(check).map((fault) => `${fault}.`),
  );
}

function listed(
  read: (text: string) => unknown[],
  what: string,
  lacks: (item: unknown) => string[],
): VariableSchema {
  return (text) =>
    parsed(
      () => read(text),
      what,
      (items) =>
        items.flatMap((item) => lacks(item).map((need) => `must have ${need} in place of '${shown(item)}'.`)),
    );
}

function parsed<T>(read: () => T, what: string, check: (value: T) => string[]): string[] {
  try {
    return check(read());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [`must be ${what}. In PowerShell use the form without quotation marks.`];
  }
}

function isId(type: string, id: unknown): boolean {
  return typeof id === 'string' && new RegExp(`^${GROUP_ID}/providers/${type}/[^/]+$`, 'i').test(id);
}

function shown(item: unknown): string {
  return (typeof item === 'string' ? item : JSON.stringify(item)).slice(0, 120);
}
