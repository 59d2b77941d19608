import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { appSettings, at, deployment, listAt, textAt } from './deployment.ts';

const everything = deployment('everything');
const ROOT = join(import.meta.dirname, '../..');

/** Every source file of the app, as one text. */
const SOURCES = ['shared', 'functions']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
      join(ROOT, folder, file),
    ),
  )
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

describe('the alerts', () => {
  const alerts = everything.of('Microsoft.Insights/scheduledQueryRules');
  const queryOf = (alert: unknown) => textAt(alert, 'properties', 'criteria', 'allOf', 0, 'query');

  it('cover what can go wrong while nobody looks', () => {
    assert.deepEqual(alerts.map(({ name }) => name.replace('lockwatch-lockwatch-', '')).sort(), [
      'dead-letters',
      'delivery-failures',
      'function-failures',
      'heartbeat-missing',
      'incident-opened',
      'not-started',
      'notice-undelivered',
      'poison-messages',
      'storage-unavailable',
      'sweep-silent',
    ]);
  });

  it('look for events that the app really writes', () => {
    for (const alert of alerts) {
      const query = queryOf(alert);
      if (!query.includes('AppTraces')) continue;
      const asked = query.split('| where event').at(-1) ?? '';
      const [, events = ''] = /(?:==|in) \(?((?:"[^"]+"(?:, )?)+)/.exec(asked) ?? [];
      const names = [...events.matchAll(/"([^"]+)"/g)].map(([, name]) => name ?? '');
      assert.ok(names.length > 0, query);
      for (const name of names) assert.ok(SOURCES.includes(`'${name}'`), `${alert.name}: ${name}`);
    }
  });

  it('look for functions that are registered', () => {
    const named = alerts.flatMap((alert) =>
      [...queryOf(alert).matchAll(/OperationName == "(\w+)"/g)].map(([, name]) => name),
    );
    assert.deepEqual(named, ['timer']);
    assert.ok(SOURCES.includes("functions.timer('timer'"));
  });

  it('fire on one row, and the heartbeat on none', () => {
    for (const { name, properties } of alerts) {
      const [criterion] = listAt(properties, 'criteria', 'allOf');
      const isHeartbeat = name.endsWith('heartbeat-missing');
      assert.equal(at(criterion, 'operator'), isHeartbeat ? 'LessThan' : 'GreaterThan', name);
      assert.equal(at(criterion, 'threshold'), isHeartbeat ? 1 : 0, name);
    }
  });

  it('are on, but the heartbeat’s only once the app’s code is there', () => {
    for (const { name, properties } of alerts)
      assert.equal(properties.enabled, !name.endsWith('heartbeat-missing'), name);
    const deployed = deployment('tags-and-names').of('Microsoft.Insights/scheduledQueryRules');
    for (const { name, properties } of deployed) assert.equal(properties.enabled, true, name);
  });

  it('notify once of each row that they find: until it is quiet again, or until the row has left the window', () => {
    for (const { name, properties } of alerts) {
      const { autoMitigate, muteActionsDuration, windowSize } = properties;
      if (autoMitigate === true) assert.equal(muteActionsDuration, undefined, name);
      else assert.equal(muteActionsDuration, windowSize, name);
    }
    const muted = alerts.filter(({ properties }) => properties.autoMitigate === false);
    assert.deepEqual(muted.map(({ name }) => name.replace('lockwatch-lockwatch-', '')).sort(), [
      'dead-letters',
      'incident-opened',
      'notice-undelivered',
      'poison-messages',
    ]);
  });

  it('are split where one must not mute another: an incident, a channel', () => {
    const columns = Object.fromEntries(
      alerts.flatMap((alert) => {
        const split = listAt(alert.properties, 'criteria', 'allOf', 0, 'dimensions');
        for (const one of split)
          assert.deepEqual([at(one, 'operator'), at(one, 'values')], ['Include', ['*']]);
        const names = split.map((one) => textAt(one, 'name'));
        for (const column of names)
          assert.ok(queryOf(alert).includes(`${column} = tostring(line.${column})`), column);
        return names.length > 0 ? [[alert.name.replace('lockwatch-lockwatch-', ''), names]] : [];
      }),
    );
    assert.deepEqual(columns, { 'incident-opened': ['incident'], 'notice-undelivered': ['channel'] });
  });

  it('reach people by email, text message and call, whatever becomes of the app', () => {
    const group = everything.one('Microsoft.Insights/actionGroups');
    for (const kind of ['emailReceivers', 'smsReceivers', 'voiceReceivers'])
      assert.equal(listAt(group.properties, kind).length, 1, kind);
    for (const { properties } of alerts)
      assert.deepEqual(at(properties, 'actions', 'actionGroups'), [group.id]);
  });

  it('are not made where there is nobody to tell', () => {
    assert.deepEqual(deployment('minimal').of('Microsoft.Insights/scheduledQueryRules'), []);
  });

  it('have what they look at: every topic sends its failures and figures to the workspace', () => {
    const workspace = everything.one('Microsoft.OperationalInsights/workspaces').id;
    const topics = everything.of('Microsoft.EventGrid/systemTopics');
    const settings = everything
      .of('Microsoft.Insights/diagnosticSettings')
      .filter(({ properties }) => properties.workspaceId === workspace);
    assert.deepEqual(
      settings.map(({ id }) => id.split('/providers/Microsoft.Insights/')[0]).sort(),
      topics.map(({ id }) => id).sort(),
    );
  });
});

describe('the workbook', () => {
  const workbook = textAt(everything.one('Microsoft.Insights/workbooks').properties, 'serializedData');
  const queries = [...workbook.matchAll(/"query": "((?:[^"\\]|\\.)*)"/g)].map(([, query]) => query ?? '');

  it('shows time to detect and time to notify, from fields that the app writes', () => {
    const fields = new Set(
      queries.flatMap((query) => [...query.matchAll(/line\.(\w+)/g)].map(([, name]) => name ?? '')),
    );
    for (const field of ['detectSeconds', 'waitedSeconds']) assert.ok(fields.has(field), field);
    for (const field of fields) assert.match(SOURCES, new RegExp(`\\b${field}\\b`));
  });
});

describe('the audit log', () => {
  const audited = deployment('audit-log');

  it('goes to a namespace in the vault’s own region, which the app reads by identity', () => {
    const namespace = audited.one('Microsoft.EventHub/namespaces');
    assert.equal(namespace.location, 'northeurope');
    const settings = audited
      .of('Microsoft.Insights/diagnosticSettings')
      .filter(({ properties }) => properties.eventHubName !== undefined);
    assert.equal(settings.length, 2, 'the third vault is watched without it');
    for (const { properties } of settings) {
      assert.equal(properties.eventHubName, appSettings(audited).LOCKWATCH_AUDIT_HUB);
      assert.ok(
        textAt(properties, 'eventHubAuthorizationRuleId').startsWith(`${namespace.id}/authorizationRules/`),
      );
      assert.deepEqual(properties.logs, [{ category: 'AuditEvent', enabled: true }]);
    }
    assert.equal(
      appSettings(audited).LOCKWATCH_AUDIT__fullyQualifiedNamespace,
      `${namespace.name}.servicebus.windows.net`,
    );
    assert.equal(appSettings(audited).LOCKWATCH_AUDIT__credential, 'managedidentity');
    assert.match(appSettings(audited).LOCKWATCH_AUDIT__clientId ?? '', /outputs\.clientId/);
  });

  it('of vaults in two regions comes by two namespaces, and the app is given both and may read both', () => {
    const two = deployment('audit-log-two-regions');
    const [west, north, ...more] = two.of('Microsoft.EventHub/namespaces');
    assert.deepEqual([west?.location, north?.location, more], ['westeurope', 'northeurope', []]);
    const settings = appSettings(two);
    const host = 'servicebus.windows.net';
    assert.equal(settings.LOCKWATCH_AUDIT__fullyQualifiedNamespace, `${west?.name}.${host}`);
    assert.equal(settings.LOCKWATCH_AUDIT_NORTHEUROPE__fullyQualifiedNamespace, `${north?.name}.${host}`);
    assert.equal(settings.LOCKWATCH_AUDIT_NORTHEUROPE__credential, 'managedidentity');
    assert.equal(settings.LOCKWATCH_AUDIT_NORTHEUROPE__clientId, settings.LOCKWATCH_AUDIT__clientId);
    const goesTo = two
      .of('Microsoft.Insights/diagnosticSettings')
      .filter(({ properties }) => properties.eventHubName === settings.LOCKWATCH_AUDIT_HUB)
      .map(({ id, properties }) => [
        id.split('/')[8],
        textAt(properties, 'eventHubAuthorizationRuleId').split('/')[8],
      ]);
    assert.deepEqual(goesTo.sort(), [
      ['kv-contoso', west?.name],
      ['kv-contoso-hr', north?.name],
      ['kv-fabrikam', north?.name],
    ]);
  });

  it('is off unless it is asked for', () => {
    assert.deepEqual(deployment('minimal').of('Microsoft.EventHub/namespaces'), []);
    assert.equal(appSettings(deployment('minimal')).LOCKWATCH_AUDIT_HUB, undefined);
  });
});

describe('prevention', () => {
  const LOCKS = 'Microsoft.Authorization/locks';

  it('is off unless it is asked for', () => {
    for (const type of [
      LOCKS,
      'Microsoft.Authorization/policyDefinitions',
      'Microsoft.Authorization/policyAssignments',
    ])
      assert.deepEqual(deployment('minimal').of(type), []);
  });

  it('locks every watched vault and every named policy against deletion', () => {
    const locked = deployment('prevention')
      .of(LOCKS)
      .map(({ id, properties }) => {
        assert.equal(properties.level, 'CanNotDelete');
        return id.split('/providers/Microsoft.Authorization/')[0]?.split('/').at(-1);
      });
    assert.deepEqual(locked.sort(), ['ep-main', 'kv-contoso', 'kv-fabrikam']);
  });

  it('denies closing the network of the watched vaults only, in each of their subscriptions', () => {
    const assignments = deployment('prevention').of('Microsoft.Authorization/policyAssignments');
    assert.equal(assignments.length, 2);
    for (const { id, properties } of assignments) {
      const vaults = listAt(properties, 'parameters', 'vaultIds', 'value').map(String);
      assert.equal(vaults.length, 1);
      assert.equal(vaults[0]?.split('/')[2], id.split('/')[2]);
      assert.equal(at(properties, 'parameters', 'firewall', 'value'), 'open');
      assert.equal(properties.enforcementMode, 'Default');
    }
    for (const { properties } of deployment('prevention').of('Microsoft.Authorization/policyDefinitions'))
      assert.equal(at(properties, 'policyRule', 'then', 'effect'), 'deny');
  });

  it('and a lock on the app’s own group are two things', () => {
    const own = everything
      .of(LOCKS)
      .filter(({ id }) => /\/resourceGroups\/rg-lockwatch\/providers\/Microsoft\.Authorization\//.test(id));
    assert.equal(own.length, 1);
  });
});

describe('the function app', () => {
  it('names always-ready instances after functions that are registered', () => {
    for (const name of ['minimal', 'everything']) {
      const site = deployment(name).one('Microsoft.Web/sites').properties;
      const ready = listAt(site, 'functionAppConfig', 'scaleAndConcurrency', 'alwaysReady').map((one) =>
        textAt(one, 'name'),
      );
      assert.ok(ready.includes('function:storageQueue'));
      for (const one of ready) {
        const [, functionName] = /^function:(\w+)$/.exec(one) ?? [];
        if (functionName === undefined) assert.equal(one, 'http');
        else assert.match(SOURCES, new RegExp(`functions\\.\\w+\\('${functionName}'`));
      }
    }
  });

  it('is in several zones together with its storage where that is asked for, and in none of both otherwise', () => {
    for (const [name, zones] of [
      ['everything', [true, 'Standard_ZRS']],
      ['minimal', [undefined, 'Standard_LRS']],
    ] as const) {
      const deployed = deployment(name);
      const { zoneRedundant } = deployed.one('Microsoft.Web/serverfarms').properties;
      const { sku } = deployed.one('Microsoft.Storage/storageAccounts');
      assert.deepEqual([zoneRedundant, textAt(sku, 'name')], zones, name);
    }
  });

  it('runs on Node 24, or on 22 where that is asked for', () => {
    const version = (name: string) =>
      at(deployment(name).one('Microsoft.Web/sites').properties, 'functionAppConfig', 'runtime');
    assert.deepEqual(version('minimal'), { name: 'node', version: '24' });
    assert.deepEqual(version('email'), { name: 'node', version: '22' });
  });
});
