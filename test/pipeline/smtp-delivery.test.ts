import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { simpleParser } from 'mailparser';
import type { SMTPServerOptions } from 'smtp-server';
import { systemClock } from '../../shared/clock.ts';
import { createEmailChannel, type EmailOptions } from '../../shared/notices/channels/smtp/smtp.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import type { Ports } from '../../shared/pipeline/ports.ts';
import { deliverPending, sweep } from '../../shared/pipeline/sweep.ts';
import { SAY } from '../notices/a-notice.ts';
import { anSmtpServer, PASSWORD, refusal } from '../notices/an-smtp-server.ts';
import { aWorld, policyId, VAULT_GONE, vaultEvent } from './a-world.ts';

/** A vault that is gone, and a real mail server that behaves so. What it is tried by is the outbox itself. */
async function mailing(
  context: TestContext,
  behaviour: SMTPServerOptions = {},
  options: Partial<EmailOptions> = {},
  channelTimeoutMs = 5000,
  dropping: { drop?: () => void } = {},
) {
  const { mails, url, drop } = await anSmtpServer(context, behaviour);
  dropping.drop = drop;
  const world = aWorld(['p1'], ['email']);
  await world.clock.drive(sweep(world.ports));
  await world.clock.advance(60_000);
  world.observedState.set(policyId('p1').toLowerCase(), VAULT_GONE);
  const email = createEmailChannel({
    smtpUrl: url,
    from: 'Lockwatch <lockwatch@example.com>',
    to: ['admins@example.com', 'oncall@example.com'],
    say: SAY,
    timeoutMs: 60_000,
    ...options,
  });
  // The network takes real time; all else goes by the hand clock.
  const ports: Ports = {
    ...world.ports,
    channels: [email],
    clock: { now: world.clock.now, nowMs: world.clock.nowMs, sleep: systemClock.sleep },
    channelTimeoutMs,
  };
  await respond(vaultEvent({ at: world.clock.now() }), ports);
  const row = async () => {
    const incident = (await ports.store.readPolicyState(policyId('p1')))?.policyState.incident;
    assert(incident);
    const rows = await ports.store.listNotices(incident);
    const [only, ...others] = rows.filter(({ reason }) => reason !== 'undelivered');
    assert(only && others.length === 0);
    return only;
  };
  /** Waits until the row is due, and tries again. */
  const again = async () => {
    await world.clock.advance(Math.max(0, Date.parse((await row()).nextTryAt) - world.clock.nowMs()));
    await deliverPending(ports);
  };
  return { mails, row, again, world, ports };
}

const ids = (mails: { messageId?: string }[]) => new Set(mails.map(({ messageId }) => messageId)).size;

test('greylisting: refused for now, accepted at the second try, one mail', async (context) => {
  let tries = 0;
  const { mails, row, again } = await mailing(context, {
    onRcptTo: (_address, _session, callback) =>
      ++tries <= 2 ? callback(refusal(451, '4.7.1 greylisted')) : callback(),
  });
  assert.equal((await row()).state, 'pending');
  assert.match((await row()).lastError ?? '', /451/);
  await again();
  assert.equal((await row()).state, 'sent');
  assert.equal(mails.length, 1);
});

test('one recipient refused beside one accepted: sent, not sent to the other again, and the only channel tells the other', async (context) => {
  const { mails, row, world, ports } = await mailing(context, {
    onRcptTo: ({ address }, _session, callback) =>
      address.startsWith('oncall') ? callback(refusal(550, '5.1.1 no such user')) : callback(),
  });
  assert.equal((await row()).state, 'sent');
  assert.match((await row()).lastError ?? '', /Refused for oncall@example\.com/);
  await world.clock.advance(3_600_000);
  assert.equal(await deliverPending(ports), 0);
  assert.equal(mails.length, 2);
  assert.match(mails[1]?.subject ?? '', /did not reach oncall@example\.com/);
});

test('every recipient refused for good: given up with its reason', async (context) => {
  const { mails, row } = await mailing(context, {
    onRcptTo: (_address, _session, callback) => callback(refusal(550, '5.1.1 no such user')),
  });
  assert.equal((await row()).state, 'givenUp');
  assert.match((await row()).lastError ?? '', /550/);
  assert.equal(mails.length, 0);
});

test('a sign-in that is refused is tried until an admin has fixed it', async (context) => {
  let isMended = false;
  const { mails, row, again } = await mailing(context, {
    onAuth: (_auth, _session, callback) =>
      isMended ? callback(null, { user: 'x' }) : callback(refusal(535, `5.7.8 wrong ${PASSWORD}`)),
  });
  assert.equal((await row()).state, 'pending');
  assert.match((await row()).lastError ?? '', /user or password was refused/);
  assert(!JSON.stringify(await row()).includes(PASSWORD));
  isMended = true;
  await again();
  assert.equal((await row()).state, 'sent');
  assert.equal(mails.length, 1);
});

test('the connection breaks after the mail was taken: sent again, as the same mail', async (context) => {
  const taken: { messageId?: string }[] = [];
  const dropping: { drop?: () => void } = {};
  const { row, again } = await mailing(
    context,
    {
      onData(stream, _session, callback) {
        simpleParser(stream).then((mail) => {
          taken.push(mail);
          // The server has it, and its answer is lost.
          if (taken.length === 1) dropping.drop?.();
          else callback(null);
        }, callback);
      },
    },
    {},
    5000,
    dropping,
  );
  assert.equal((await row()).state, 'pending');
  await again();
  assert.equal((await row()).state, 'sent');
  assert.equal(taken.length, 2);
  assert.equal(ids(taken), 1, 'the same Message-ID: a mail program may show it once');
});

test('a server that is slower than the channel may be: tried again, no mail is lost or doubled', async (context) => {
  let tries = 0;
  const { mails, row, again } = await mailing(
    context,
    {
      onMailFrom(_address, _session, callback) {
        if (++tries > 1) callback();
      },
    },
    {},
    300,
  );
  assert.equal((await row()).state, 'pending');
  assert.match((await row()).lastError ?? '', /No answer within|given up/);
  await again();
  assert.equal((await row()).state, 'sent');
  assert.equal(mails.length, 1);
});

test('a token that is refused is tried again with a new one', async (context) => {
  const given: (string | undefined)[] = [];
  let tokens = 0;
  const credential = {
    getToken: async () => ({ token: `token-${++tokens}`, expiresOnTimestamp: 0 }),
  };
  const { mails, row, again } = await mailing(
    context,
    {
      authMethods: ['XOAUTH2'],
      onAuth(auth, _session, callback) {
        given.push(auth.accessToken);
        if (auth.accessToken === 'token-1') callback(refusal(535, '5.7.3 expired token-1'));
        else callback(null, { user: 'x' });
      },
    },
    { signIn: { credential, scope: 'https://outlook.office365.com/.default' } },
  );
  assert.equal((await row()).state, 'pending');
  assert(!JSON.stringify(await row()).includes('token-1'));
  await again();
  assert.equal((await row()).state, 'sent');
  assert.equal(mails.length, 1);
  assert.equal(given.at(-1), 'token-2');
});
