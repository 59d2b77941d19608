import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChannels } from '../../shared/notices/channels.ts';
import { SAY } from './a-notice.ts';

test('there is a channel for each whose settings are there, in a stable order', () => {
  const mail = {
    smtpUrl: 'smtps://relay.example.com',
    emailFrom: 'a@example.com',
    emailTo: ['b@example.com'],
  };
  const names = (settings: object) => createChannels({ ...SAY, ...settings }).map(({ name }) => name);
  assert.deepEqual(names({}), []);
  assert.deepEqual(names({ teamsWebhookUrl: 'https://example.com/x?sig=y' }), ['teams']);
  assert.deepEqual(names(mail), ['email']);
  assert.deepEqual(names({ ...mail, teamsWebhookUrl: 'https://example.com/x?sig=y' }), ['teams', 'email']);
  assert.deepEqual(names({ ...mail, emailTo: [] }), []);
});
