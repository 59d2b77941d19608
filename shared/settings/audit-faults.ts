import { fault, type SettingFault } from '../settings-schema/fault.ts';
import { nameIn, settingWithName } from '../settings-schema/names.ts';
import { WATCHING } from './watching.ts';

/** Faults between the settings of the audit log: its hub, and the hub's namespaces. */
export function auditFaults(environment: Readonly<Record<string, string | undefined>>): SettingFault[] {
  const { auditHub, auditNamespace, auditCredential, auditClientId } = WATCHING;
  const hasHub = Boolean(environment[auditHub.name]?.trim());
  const namespaces = namesOf(auditNamespace.name, environment);
  const faults: SettingFault[] = [];
  const why = ' is missing: the audit log needs both its hub and its namespace.';
  if (namespaces.length > 0 && !hasHub) faults.push(fault(auditHub.name, why));
  if (hasHub && namespaces.length === 0) faults.push(fault(auditNamespace.name, why));
  for (const { name: setting } of [auditCredential, auditClientId])
    for (const name of namesOf(setting, environment).filter((one) => !namespaces.includes(one)))
      faults.push(
        fault(
          settingWithName(setting, name),
          ` has no namespace: set ${settingWithName(auditNamespace.name, name)}.`,
        ),
      );
  return faults;
}

/** An invalid namespace setting is reported by its own fault; it need not be reported as missing as well. */
function namesOf(setting: string, environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(environment).flatMap(([given, value]) => {
    const name = value?.trim() ? nameIn(given, setting) : undefined;
    return name === undefined ? [] : [name];
  });
}
