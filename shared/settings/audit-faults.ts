import { nameIn, withName } from './names.ts';
import { WATCHING } from './watching.ts';

/** Faults that lie between the settings of the audit log: its hub, and the namespaces that it lies in. */
export function auditFaults(environment: Readonly<Record<string, string | undefined>>): string[] {
  const { auditHub, auditNamespace, auditCredential, auditClientId } = WATCHING;
  const hasHub = Boolean(environment[auditHub.name]?.trim());
  const namespaces = namesOf(auditNamespace.name, environment);
  const faults: string[] = [];
  const why = 'the audit log needs both its hub and its namespace.';
  if (namespaces.length > 0 && !hasHub) faults.push(`${auditHub.name} is missing: ${why}`);
  if (hasHub && namespaces.length === 0) faults.push(`${auditNamespace.name} is missing: ${why}`);
  for (const { name: setting } of [auditCredential, auditClientId])
    for (const name of namesOf(setting, environment).filter((one) => !namespaces.includes(one)))
      faults.push(`${withName(setting, name)} has no namespace: set ${withName(auditNamespace.name, name)}.`);
  return faults;
}

/** A namespace whose setting is wrong is told by that; it need not be told as missing as well. */
function namesOf(setting: string, environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(environment).flatMap(([given, value]) => {
    const name = value?.trim() ? nameIn(given, setting) : undefined;
    return name === undefined ? [] : [name];
  });
}
