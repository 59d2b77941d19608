import { SETTINGS, type SettingDescription } from '../../shared/settings/settings.ts';
import { nameIn } from '../../shared/settings-schema/names.ts';
import { pairFaults } from './variable-schema.ts';
import { textsIn } from './variable-texts.ts';

/**
 * Settings that the deployment writes by itself, and the variable to use instead: LOCKWATCH_SETTINGS is written
 * after them and would overwrite them. test/tools/deploy/variables.test.ts compares them with the deployments.
 */
const OWN: readonly (readonly [RegExp, string])[] = [
  [/^LOCKWATCH_SUBSCRIPTIONS$/, 'LOCKWATCH_WATCHED_SUBSCRIPTIONS'],
  [/^LOCKWATCH_CLOUD$/, 'LOCKWATCH_CLOUD'],
  [/^LOCKWATCH_ACCESS$/, 'LOCKWATCH_ACCESS'],
  [/^LOCKWATCH_PUSH$/, 'LOCKWATCH_DELIVERY'],
  [/^LOCKWATCH_AUDIT(_|$)/, 'LOCKWATCH_WATCHED_VAULTS'],
  [/^LOCKWATCH_(NAME|EMAIL_TO|EMAIL_FROM)$/, 'the variable of the same name'],
  [/^LOCKWATCH_(GRAPH_MAIL|ACS_ENDPOINT)$/, 'LOCKWATCH_EMAIL_BY'],
  [
    /^LOCKWATCH_(QUEUE|EVENT_SOURCES|SECRET_VAULTS|CLIENT_ID|TABLE_ENDPOINT|QUEUE_ENDPOINT)$/,
    'nothing: leave it out',
  ],
];

/** The settings in LOCKWATCH_SETTINGS, by the app's own schema. */
export function appSettingFaults(text: string): string[] {
  return pairFaults(text, 'settings: NAME=value;NAME=value, or JSON', ([name, value]) => {
    const own = OWN.find(([pattern]) => pattern.test(name.toUpperCase()));
    if (own) return [`${name} is set by the deployment. Use ${own[1]}`];
    // "App settings reference for Azure Functions", section Flex Consumption plan deprecations; the others belong to
    // the platform, or hold keys that this deployment does without.
    if (!/^LOCKWATCH_[A-Z0-9_]+$/.test(name))
      return [`${name} is no setting of the app, and Flex Consumption refuses most settings of the platform`];
    const known = descriptionOf(name);
    if (known === undefined) return [`${name} is no setting of the app (docs/settings.md)`];
    if (known.secret)
      return [
        `${name} is a secret. Name it in LOCKWATCH_SECRET_SETTINGS, and put its value into the app's vault`,
      ];
    if (typeof value !== 'string') return [`${name} must be a text: put its value in quotation marks`];
    const checked = known.schema.safeParse(value);
    return checked.success ? [] : [`${name} ${checked.error.issues[0]?.message ?? 'is not valid'}`];
  });
}

/** LOCKWATCH_NAME, by the app's own schema. */
export function deploymentName(text: string): string[] {
  const checked = descriptionOf('LOCKWATCH_NAME')?.schema.safeParse(text);
  return checked?.success === false ? [`${checked.error.issues[0]?.message ?? 'must be a name'}.`] : [];
}

/** The names in LOCKWATCH_SECRET_SETTINGS. */
export function secretNameFaults(text: string): string[] {
  let names: unknown[];
  try {
    names = textsIn(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return ['must be a list of names: A;B, or JSON.'];
  }
  return names.flatMap((name) =>
    typeof name === 'string' && descriptionOf(name)?.secret
      ? []
      : [
          `must name settings of the app that are secrets (docs/settings.md), and names '${String(name).slice(0, 60)}'.`,
        ],
  );
}

function descriptionOf(name: string): SettingDescription | undefined {
  return Object.values<SettingDescription>(SETTINGS).find((one) =>
    one.many === true ? nameIn(name, one.name) !== undefined : one.name === name,
  );
}
