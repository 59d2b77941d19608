import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NOTICE_REASONS } from '../../shared/incidents/notice-reason.ts';
import { WEBHOOK_SERVICES } from '../../shared/notices/channels/register.ts';
import { routed, withAlertEnds } from '../../shared/notices/routes.ts';
import { SAY } from './a-notice.ts';

const ALL = ['teams', 'teams-ops', 'email'];

test('a reason that no route names goes to all, one that is named to those', () => {
  assert.deepEqual(routed('opened', ALL, undefined), ALL);
  assert.deepEqual(routed('opened', ALL, { reminder: ['email'] }), ALL);
  assert.deepEqual(routed('reminder', ALL, { reminder: ['email', 'teams-ops'] }), ['teams-ops', 'email']);
});

test('names count however they are spelled', () => {
  assert.deepEqual(routed('accessRestored', ['Teams', 'email'], { accessrestored: ['TEAMS'] }), ['Teams']);
});

test('a route to channels that are not there is as good as none', () => {
  assert.deepEqual(routed('reminder', ALL, { reminder: ['pager'] }), ALL);
  assert.deepEqual(routed('reminder', ALL, { reminder: [] }), ALL);
});

test('a dead channel and a drill are reported everywhere', () => {
  for (const reason of ['undelivered', 'drill'] as const)
    assert.deepEqual(routed(reason, ALL, { undelivered: ['email'], drill: ['email'] }), ALL);
});

test('no route of any form ever silences a reason, or adds a channel that is not there', () => {
  const name = fc.constantFrom(...ALL, 'pager', '__proto__', 'constructor');
  const key = fc.oneof(
    fc.constantFrom(...NOTICE_REASONS).map((reason) => reason.toLowerCase()),
    fc.string(),
  );
  fc.assert(
    fc.property(
      fc.dictionary(key, fc.array(name)),
      fc.constantFrom(...NOTICE_REASONS),
      fc.subarray(ALL, { minLength: 1 }),
      (routes, reason, channels) => {
        const to = routed(reason, channels, routes);
        assert(to.length > 0 && to.every((channel) => channels.includes(channel)));
      },
    ),
  );
});

test('a channel that keeps alerts open gets the ends of all that it may have opened, and no more', () => {
  const channels = [{ name: 'teams' }, { name: 'webhook-page', keepsAlerts: true }];
  const routes = {
    opened: ['teams'],
    accessrestored: ['teams'],
    visibilityrestored: ['teams'],
    warning: ['teams'],
  };
  assert.deepEqual(withAlertEnds(routes, channels), {
    ...routes,
    accessrestored: ['teams', 'webhook-page'],
    visibilityrestored: ['teams', 'webhook-page'],
  });
  assert.deepEqual(withAlertEnds(routes, channels.slice(0, 1)), routes);
  assert.equal(withAlertEnds(undefined, channels), undefined);
});

test('PagerDuty and ServiceNow keep alerts open, the other channels do not', () => {
  const keepers = WEBHOOK_SERVICES.filter(
    ({ preset }) => preset({ say: SAY, secret: 'user:password', setting: 'X' }).keepsAlerts,
  );
  assert.deepEqual(keepers.map(({ name }) => name).sort(), ['pagerduty', 'servicenow']);
});
