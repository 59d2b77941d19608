import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { contosoDeployment } from '../../../dev/expected-deployment/contoso.ts';
import {
  AUTHORIZATION,
  type Body,
  KEY_VAULT,
  LOCKS,
  mainIds,
  POLICIES,
  SCHEDULES,
  startTestSimulator,
} from './harness.ts';

interface Schema {
  origin: string;
  type: string;
  objects: Record<
    string,
    {
      properties: Record<string, { type: string; required?: boolean; pattern?: string }>;
      additional?: string;
    }
  >;
}

/**
 * What the wire holds beyond the published schema. Each is in docs/unverified.md.
 * `identity.principalId`: the schema calls it systemAssignedIdentityPrincipalId; Microsoft's own scripts read principalId.
 */
const BEYOND_SCHEMA = new Set(['Microsoft.PowerPlatform/enterprisePolicies#identity.principalId']);

function schemaOf(file: string): Schema {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'schemas', `${file}.json`), 'utf8')) as Schema;
}

const EVENT_GRID = 'providers/Microsoft.EventGrid';
const TOPICS = 'api-version=2025-02-15';
const DIAGNOSTICS = 'api-version=2021-05-01-preview';

/** Every way in which an answer is not what the schema allows. */
function faultsOf(schema: Schema, value: unknown, object = 'Resource', path = ''): string[] {
  const described = schema.objects[object];
  if (!described || typeof value !== 'object' || value === null || Array.isArray(value))
    return [`${path}: not a ${object}`];
  const missing = Object.entries(described.properties)
    .filter(([name, property]) => property.required && !(name in value))
    .map(([name]) => `${path}${name}: missing`);
  const wrong = Object.entries(value).flatMap(([name, held]) => {
    const at = `${path}${name}`;
    const property = described.properties[name];
    if (property) return faultsOfValue(schema, held, property.type, at, property.pattern);
    if (described.additional) return faultsOfValue(schema, held, described.additional, at);
    return BEYOND_SCHEMA.has(`${schema.type}#${at}`) ? [] : [`${at}: not in the schema`];
  });
  return [...missing, ...wrong];
}

function faultsOfValue(schema: Schema, value: unknown, type: string, at: string, pattern?: string): string[] {
  if (type.endsWith('[]')) {
    if (!Array.isArray(value)) return [`${at}: not a list`];
    return value.flatMap((item, index) => faultsOfValue(schema, item, type.slice(0, -2), `${at}[${index}]`));
  }
  const choices = type.split(' | ');
  const object = choices.find((choice) => schema.objects[choice]);
  if (object) return faultsOf(schema, value, object, `${at}.`);
  const fits = choices.some((choice) => {
    if (choice === 'string') return typeof value === 'string';
    if (choice === 'int') return Number.isInteger(value);
    if (choice === 'bool') return typeof value === 'boolean';
    return value === choice || schema.type.toLowerCase() === String(value).toLowerCase();
  });
  if (!fits) return [`${at}: ${JSON.stringify(value)} is not ${type}`];
  return pattern && !new RegExp(pattern).test(String(value)) ? [`${at}: does not match ${pattern}`] : [];
}

describe('the Azure simulator answers in the schema that Azure publishes', async () => {
  const simulator = await startTestSimulator({ demoPolicies: true });
  const ids = mainIds(simulator);
  await simulator.scenario('network-restricted');
  await simulator.scenario('deny-assignment-added');
  await simulator.scenario('near-expiry');
  await simulator.scenario('key-not-yet-active');
  await simulator.scenario('vault-deleted', { policy: 'ep-vault-deleted' });
  const us = `/subscriptions/${simulator.subscriptions[1]}`;
  const roles = `${ids.subscription}/providers/Microsoft.Authorization/roleDefinitions`;

  const { topicId: topic = '' } = contosoDeployment().sources[0] ?? {};

  const one = async (path: string): Promise<Body[]> => [(await simulator.read(path)).body];
  const many = async (path: string): Promise<Body[]> => {
    const first = (await simulator.read(path)).body;
    const rest = first.nextLink ? await many(first.nextLink) : [];
    return [...(first.value ?? []), ...rest];
  };
  const answers: [string, string, () => Promise<Body[]>][] = [
    ['vault', 'a vault with a closed network', () => one(`${ids.vault}?${KEY_VAULT}`)],
    [
      'vault',
      'a vault with access policies',
      () =>
        one(`${us}/resourceGroups/rg-keys-us/providers/Microsoft.KeyVault/vaults/kv-contoso-us?${KEY_VAULT}`),
    ],
    [
      'deleted-vault',
      'a deleted vault',
      () => one(`${ids.deletedVault.replace(/[^/]+$/, 'kv-vault-deleted')}?${KEY_VAULT}`),
    ],
    ['key', 'a key', () => one(`${ids.key}?${KEY_VAULT}`)],
    ['key-version', 'the list of key versions', () => many(`${ids.key}/versions?${KEY_VAULT}`)],
    [
      'key-version',
      'one key version',
      async () => {
        const [version] = await many(`${ids.key}/versions?${KEY_VAULT}`);
        return one(`${ids.key}/versions/${version?.name}?${KEY_VAULT}`);
      },
    ],
    [
      'role-assignment',
      'role assignments',
      () => many(`${ids.vault}/providers/Microsoft.Authorization/roleAssignments?${AUTHORIZATION}`),
    ],
    [
      'role-definition',
      'a role definition',
      () => one(`${roles}/e147488a-f6f5-4113-8e2d-b22465e65bf6?${AUTHORIZATION}`),
    ],
    [
      'deny-assignment',
      'deny assignments',
      () => many(`${ids.vault}/providers/Microsoft.Authorization/denyAssignments?${AUTHORIZATION}`),
    ],
    ['lock', 'locks', () => many(`${us}/providers/Microsoft.Authorization/locks?${LOCKS}`)],
    [
      'role-assignment-schedule-instance',
      'role assignments with their ends',
      () =>
        many(
          `${ids.subscription}/providers/Microsoft.Authorization/roleAssignmentScheduleInstances?${SCHEDULES}`,
        ),
    ],
    ['system-topic', 'system topics', () => many(`${ids.subscription}/${EVENT_GRID}/systemTopics?${TOPICS}`)],
    [
      'event-subscription',
      'event subscriptions of a subscription’s topic',
      () => many(`${topic}/eventSubscriptions?${TOPICS}`),
    ],
    [
      'diagnostic-setting',
      'diagnostic settings of a vault',
      () => many(`${ids.vault}/providers/Microsoft.Insights/diagnosticSettings?${DIAGNOSTICS}`),
    ],
    ['enterprise-policy', 'every enterprise policy', () => many(`${ids.policies}?${POLICIES}`)],
  ];
  for (const [file, title, read] of answers)
    test(`${title} (${file})`, async () => {
      const schema = schemaOf(file);
      const bodies = await read();
      assert.ok(bodies.length > 0);
      for (const body of bodies) {
        assert.equal(String(body.type).toLowerCase(), schema.type.toLowerCase());
        assert.deepEqual(faultsOf(schema, body), []);
      }
    });

  test('the check itself finds a wrong value, a wrong list, a missing and an unknown field', () => {
    const schema = schemaOf('key-version');
    const wrong = { properties: { attributes: { enabled: 'yes' }, keyOps: 'wrapKey', kty2: 'RSA' } };
    assert.deepEqual(faultsOf(schema, wrong), [
      'name: missing',
      'properties.attributes.enabled: "yes" is not bool',
      'properties.keyOps: not a list',
      'properties.kty2: not in the schema',
    ]);
  });
});
