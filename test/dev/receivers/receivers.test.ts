import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { describe, test } from 'node:test';
import { createTransport } from 'nodemailer';
import { startReceivers } from '../../../dev/receivers/receivers.ts';
import { cloudEventsPreset } from '../../../shared/notices/channels/cloudevents/webhook-cloudevents.ts';
import { drillNotice } from '../../../shared/notices/drill-notice.ts';
import { atEnd, testCertificate } from '../azure-simulator/harness.ts';

describe('the receivers', async () => {
  const { certFile, keyFile } = await testCertificate();
  const ca = await readFile(certFile, 'utf8');
  const receivers = await startReceivers({ cert: ca, key: await readFile(keyFile, 'utf8') });
  atEnd(() => receivers.stop());
  const read = async (path: string) => (await fetch(`${receivers.readUrl}${path}`)).text();
  const mode = (body: string) => fetch(`${receivers.readUrl}/mode`, { method: 'POST', body });
  const post = (body: string, url = receivers.teamsUrl, headers: Record<string, string> = {}) =>
    new Promise<number | undefined>((resolve, reject) => {
      request(url, { method: 'POST', ca, agent: false, headers }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode));
      })
        .on('error', reject)
        .end(body);
    });
  const card = (...body: object[]) =>
    JSON.stringify({ type: 'message', attachments: [{ content: { type: 'AdaptiveCard', body } }] });

  test('a card is shown as it reads, its links followed, what a button shows folded up', async () => {
    const remediation = {
      type: 'Action.ShowCard',
      title: 'How to undo it',
      card: { body: [{ type: 'RichTextBlock', inlines: [{ text: 'az keyvault key set-attributes' }] }] },
    };
    const body = [
      {
        type: 'TextBlock',
        text: 'Policy [ep\\_x](https://portal.example/x): 2 environments',
        weight: 'Bolder',
      },
      { type: 'FactSet', facts: [{ title: 'Recover by', value: '1 Dec' }] },
    ];
    const content = { body, actions: [remediation] };
    assert.equal(await post(JSON.stringify({ attachments: [{ content }] })), 202);
    const page = await read('/cards');
    assert.match(page, /Policy <a href="https:\/\/portal\.example\/x"[^>]*>ep_x<\/a>: 2 environments/);
    assert.match(page, /<dt>Recover by<\/dt><dd>1 Dec<\/dd>/);
    assert.match(page, /<summary>How to undo it<\/summary>\s*<pre>az keyvault key set-attributes<\/pre>/);
  });

  test('nothing of a card or a mail reaches the page unescaped, and no link runs a script', async () => {
    const nasty = '<img src=x onerror=alert(1)>';
    await post(card({ type: 'TextBlock', text: `${nasty} [go](javascript:alert)` }, { type: nasty }));
    await post(JSON.stringify(nasty));
    const transport = createTransport({ url: receivers.smtpUrl, tls: { ca } });
    const mail = { from: 'a@example.com', to: 'b@example.com', subject: nasty, text: nasty, html: nasty };
    await transport.sendMail(mail);
    transport.close();
    for (const page of [await read('/cards'), await read('/mailbox')]) {
      assert.match(page, /&lt;img src=x/);
      assert.doesNotMatch(page, /<img|href="javascript/);
    }
  });

  test('the mail stands in a frame that runs no script', async () => {
    assert.match(await read('/mailbox'), /<iframe [^>]*sandbox="allow-popups"/);
  });

  test('what is no JSON, a wrong mode, a wrong signature and a broken request are refused, and it goes on', async () => {
    assert.equal(await post('{'), 400);
    assert.equal(await post('{}', receivers.teamsUrl.replace(/sig=.*/, 'sig=no')), 401);
    assert.equal((await mode('{bad')).status, 400);
    assert.equal((await mode('{"teams":"dwn"}')).status, 400);
    const broken = request(receivers.teamsUrl, { method: 'POST', ca, headers: { 'content-length': 100 } });
    broken.on('error', () => {});
    await new Promise((resolve) => broken.write('{', resolve));
    broken.destroy();
    assert.equal(JSON.parse(await read('/counts')).mails, 1);
  });

  test('an event with a right signature is kept and shown, one without is refused', async () => {
    const preset = cloudEventsPreset({
      say: { adminCenterUrl: 'https://a.example', portalUrl: 'https://p.example' },
      secret: receivers.webhookSecret,
    });
    const [event] = preset.parts(drillNotice({ id: '1', now: '2026-01-01T00:00:00.000Z' }));
    const body = event?.body ?? '';
    assert.equal(await post(body, receivers.webhookUrl), 401);
    assert.equal(await post(body, receivers.webhookUrl, preset.sign?.(body, Date.now())), 202);
    assert.equal(JSON.parse(await read('/events')).length, 1);
    assert.match(await read('/hook'), /<summary>Lockwatch\.Incident\.Drill<\/summary>/);
    await mode('{"webhook":"down"}');
    assert.equal(await post(body, receivers.webhookUrl, preset.sign?.(body, Date.now())), 503);
    await mode('{"webhook":"ok"}');
  });

  test('a channel that is told to be down refuses until it is told to be well', async () => {
    await mode('{"teams":"down"}');
    assert.equal(await post(card()), 503);
    await mode('{"teams":"ok"}');
    assert.equal(await post(card()), 202);
  });
});
