import type * as z from 'zod';
import { channelFaults } from '../notices/channels/channel-faults.ts';
import type { ValuesOf } from '../settings-schema/description.ts';
import { fault, type SettingFault } from '../settings-schema/fault.ts';
import { givenSettings } from '../settings-schema/given.ts';
import { nameIn } from '../settings-schema/names.ts';
import { accessFaults } from './access.ts';
import { auditFaults } from './audit-faults.ts';
import { docsBase } from './docs-base.ts';
import { SETTINGS, type SettingDescription } from './settings-list.ts';

export { SETTINGS, type SettingDescription };

export type Settings = ValuesOf<typeof SETTINGS>;

/** The settings are not usable. Its message names every fault at once, and no secret's value. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly faults: string[];
  /** The names of the settings at fault, without their values. */
  readonly settings: readonly string[];
  /** How people authenticate; undefined where that setting is itself at fault, so that nobody can. */
  readonly access: Settings['access'] | undefined;
  /** Where the documents are, whatever else is at fault. */
  readonly docsUrl: string | undefined;
  constructor(faults: readonly SettingFault[], { access, docsUrl }: Partial<Settings> = {}) {
    const texts = faults.map(({ text }) => text);
    super(
      `Lockwatch can't start: ${faults.length} setting(s) to correct.\n${texts.map((text) => `  - ${text}`).join('\n')}`,
    );
    this.faults = texts;
    this.settings = [...new Set(faults.map(({ setting }) => setting))];
    this.docsUrl = docsBase({ docsUrl });
    this.access = this.settings.includes(SETTINGS.access.name) ? undefined : access;
  }
}

/**
 * Reads and checks every setting. Throws `SettingsError` with all faults, by name. An empty value counts as
 * absent.
 */
export function readSettings(environment: Record<string, string | undefined>): Settings {
  const values: Record<string, unknown> = {};
  const faults: SettingFault[] = [];
  for (const [key, description] of Object.entries<SettingDescription>(SETTINGS)) {
    const read = (setting: string, text: string, keep: (value: unknown) => void) => {
      const parsed = description.schema.safeParse(text);
      if (parsed.success) keep(parsed.data);
      else faults.push(faultOf({ ...description, name: setting }, text, parsed.error));
    };
    if (description.many) {
      const held: Record<string, unknown> = {};
      for (const [name, setting, text] of namedSettings(description.name, environment))
        read(setting, text, (value) => {
          held[name] = value;
        });
      values[key] = held;
      continue;
    }
    const text = environment[description.name]?.trim() || description.default;
    if (text !== undefined)
      read(description.name, text, (value) => {
        values[key] = value;
      });
    else if (description.required)
      faults.push(
        fault(description.name, ` is missing. ${description.meaning} Example: ${description.example}`),
      );
  }
  faults.push(...faultsBetween(values, environment));
  const settings = values as Settings;
  if (faults.length > 0) throw new SettingsError(faults, settings);
  return settings;
}

/** Empty values count as absent. */
function namedSettings(
  base: string,
  environment: Record<string, string | undefined>,
): [name: string, setting: string, text: string][] {
  return Object.entries(environment).flatMap(([setting, value]) => {
    const text = value?.trim();
    const name = nameIn(setting, base);
    return text && name !== undefined ? [[name, setting, text] as [string, string, string]] : [];
  });
}

function faultOf(description: SettingDescription, text: string, error: z.ZodError): SettingFault {
  const why = [...new Set(error.issues.map((issue) => issue.message))].join('; ');
  if (/^@Microsoft\.KeyVault\(/i.test(text))
    return fault(
      description.name,
      " is a Key Vault reference that the platform could not resolve: put the secret into that vault, or check the app's access to it; then restart the app.",
    );
  const isHidden = description.secret || holdsSecret(text);
  const given = isHidden ? '(its value is not shown)' : `, and is '${text.slice(0, 80)}'`;
  return fault(description.name, ` ${why}${isHidden ? ' ' : ''}${given}. Example: ${description.example}`);
}

/**
 * A connection string, a signed address or one with a password is a secret even in a setting that expects
 * none.
 */
export function holdsSecret(text: string): boolean {
  return /sharedaccess|(?:account|access)_?key|:\/\/[^/?#]*@|[?&;](?:sig|code|key|token|secret|password)=/i.test(
    text,
  );
}

/** Faults between two settings. */
function faultsBetween(
  values: Record<string, unknown>,
  environment: Record<string, string | undefined>,
): SettingFault[] {
  const faults: SettingFault[] = [];
  const has = (key: keyof typeof SETTINGS) => environment[SETTINGS[key].name]?.trim();
  if (values.environmentsFrom === 'inventory' && !has('inventory'))
    faults.push(
      fault(SETTINGS.inventory.name, ` is missing, and ${SETTINGS.environmentsFrom.name} is 'inventory'.`),
    );
  const { sweepSeconds, sweepMaxSeconds } = values as Partial<Settings>;
  if (sweepSeconds !== undefined && sweepMaxSeconds !== undefined && sweepMaxSeconds < sweepSeconds)
    faults.push(
      fault(
        SETTINGS.sweepMaxSeconds.name,
        ` is ${sweepMaxSeconds}, less than ${SETTINGS.sweepSeconds.name}, which is ${sweepSeconds}. Set both to the same number for a fixed interval.`,
      ),
    );
  faults.push(...channelFaults(givenSettings(values, environment)));
  faults.push(...auditFaults(environment));
  faults.push(...accessFaults(values, environment));
  for (const name of Object.keys(environment))
    if (/^LOCKWATCH_/i.test(name) && !name.startsWith('LOCKWATCH_LOCAL_') && !isKnown(name))
      faults.push(fault(name, ` is not a setting of Lockwatch.${nearest(name)}`));
  return faults;
}

const KNOWN: ReadonlySet<string> = new Set(Object.values(SETTINGS).map((description) => description.name));

const MANY = Object.values<SettingDescription>(SETTINGS).filter(({ many }) => many);

function isKnown(setting: string): boolean {
  return KNOWN.has(setting) || MANY.some(({ name }) => nameIn(setting, name) !== undefined);
}

function nearest(name: string): string {
  const words = new Set(name.toUpperCase().split('_'));
  const best = [...KNOWN]
    .map((known) => ({
      known,
      shared: known
        .toUpperCase()
        .split('_')
        .filter((word) => words.has(word)).length,
    }))
    .sort((a, b) => b.shared - a.shared)[0];
  return best && best.shared > 1 ? ` Did you mean ${best.known}?` : '';
}

/** A whole number of seconds as an NCRONTAB schedule of six fields (Azure Functions: timer trigger). */
export function everySeconds(seconds: number): string {
  if (seconds < 60) return `*/${seconds} * * * * *`;
  return `0 */${seconds / 60} * * * *`;
}
