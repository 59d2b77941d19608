import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { SMTPServerOptions } from 'smtp-server';
import { createEmailChannel, type EmailOptions } from '../../../shared/notices/channels/smtp/smtp.ts';
import type { SendResult } from '../../../shared/notices/notice.ts';
import { noProgress } from '../../../shared/notices/progress.ts';
import { aNotice, anIncident, SAY } from '../a-notice.ts';
import { anSmtpServer, PASSWORD, refusal } from '../an-smtp-server.ts';

const NOTICE = aNotice('opened', [anIncident('ep-a')]);
const never = () => new AbortController().signal;

/** A real SMTP server on loopback that keeps what it gets, and a channel that sends to it. */
async function aServer(
  context: TestContext,
  behaviour: SMTPServerOptions = {},
  options: Partial<EmailOptions> = {},
) {
  const { mails, port, url } = await anSmtpServer(context, behaviour);
  const channel = createEmailChannel({
    smtpUrl: url,
    from: 'Lockwatch <lockwatch@example.com>',
    to: ['admins@example.com', 'oncall@example.com'],
    say: SAY,
    timeoutMs: 60_000,
    ...options,
  });
  return { channel, mails, port };
}

function holdsNoSecret(result: SendResult): void {
  const said = JSON.stringify(result);
  for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), 'lockwatch:', 'lockwatch@', 'smtp://'])
    assert(!said.includes(secret), said);
}

test('a mail arrives whole: sender, recipients, subject, text and HTML', async (context) => {
  const { channel, mails } = await aServer(context);
  const result = await channel.send(NOTICE, never());
  assert.equal(result.outcome, 'sent');
  assert.match(result.detail, /^Accepted by 127\.0\.0\.1 for 2\.$/);
  assert.match(result.answer ?? '', /^250 /);
  holdsNoSecret(result);
  const [mail] = mails;
  assert.equal(mails.length, 1);
  assert.equal(mail?.from?.value[0]?.address, 'lockwatch@example.com');
  assert.match(mail?.subject ?? '', /^\[Lockwatch [^\]]+\] 2 environments offline: key disabled/);
  assert.match(mail?.text ?? '', /az keyvault key set-attributes/);
  assert.match(String(mail?.html), /<h1/);
  assert.equal(mail?.headers.get('auto-submitted'), 'auto-generated');
});

test('the same notice sent twice is the same mail, and mails of one incident belong together', async (context) => {
  const { channel, mails } = await aServer(context);
  await channel.send(NOTICE, never());
  await channel.send(NOTICE, never());
  await channel.send({ ...NOTICE, messageId: 'another', reason: 'accessRestored' }, never());
  const [first, again, other] = mails;
  assert.equal(first?.messageId, '<a1b2c3d4@example.com>');
  assert.equal(again?.messageId, first?.messageId);
  assert.notEqual(other?.messageId, first?.messageId);
  assert.equal(first?.inReplyTo, '<incident.incident-of-ep-a@example.com>');
  assert.equal(other?.inReplyTo, first?.inReplyTo);
  assert.deepEqual([first?.references].flat(), [first?.inReplyTo]);
});

/** A recipient by the first letters of the address, and what the server answers to it. */
const refusing =
  (codes: Record<string, number>): SMTPServerOptions['onRcptTo'] =>
  ({ address }, _session, callback) => {
    const code = Object.entries(codes).find(([begin]) => address.startsWith(begin))?.[1];
    callback(code === undefined ? null : refusal(code, `5.1.1 <${address}> is refused`));
  };

test('two of three recipients refused: the third gets the mail, and the two are named', async (context) => {
  const to = ['admins@example.com', 'oncall@example.com', 'left@example.com'];
  const { channel, mails } = await aServer(
    context,
    { onRcptTo: refusing({ oncall: 550, left: 550 }) },
    { to },
  );
  const progress = noProgress();
  const result = await channel.send({ ...NOTICE, progress }, never());
  assert.equal(result.outcome, 'sent');
  assert.match(
    result.detail,
    /for 1\. Refused for oncall@example\.com \(550 5\.1\.1 at RCPT TO\), left@example\.com/,
  );
  assert.deepEqual(progress.taken, ['admins@example.com']);
  assert.deepEqual(
    progress.refused.map(({ to }) => to),
    ['oncall@example.com', 'left@example.com'],
  );
  assert.equal(mails.length, 1);
  holdsNoSecret(result);
});

test('a recipient who is refused for now is tried again alone; nobody gets the mail twice', async (context) => {
  const codes: Record<string, number> = { oncall: 450, left: 550 };
  const to = ['admins@example.com', 'oncall@example.com', 'left@example.com'];
  const envelopes: string[][] = [];
  const { channel } = await aServer(
    context,
    {
      onRcptTo: (...given) => refusing(codes)?.call(null as never, ...given),
      onData(stream, { envelope }, callback) {
        envelopes.push(envelope.rcptTo.map(({ address }) => address));
        stream.resume().on('end', () => callback(null));
      },
    },
    { to },
  );
  const progress = noProgress();
  const first = await channel.send({ ...NOTICE, progress }, never());
  assert(first.outcome === 'failed' && !first.permanent, first.detail);
  assert.match(
    first.detail,
    /Taken for 1 of 3, not for oncall@example\.com: .*450.*Refused for left@example\.com/,
  );
  delete codes.oncall;
  const second = await channel.send({ ...NOTICE, progress }, never());
  assert.equal(second.outcome, 'sent');
  assert.match(second.detail, /for 2\. Refused for left@example\.com/);
  assert.deepEqual(envelopes, [['admins@example.com'], ['oncall@example.com']]);
});

test('a sender who is refused costs no recipient a refusal of their own, with pipelining or without', async (context) => {
  for (const hidePIPELINING of [false, true]) {
    const { channel } = await aServer(context, {
      hidePIPELINING,
      onMailFrom: (_address, _session, callback) => callback(refusal(451, 'later')),
    });
    const progress = noProgress();
    const result = await channel.send({ ...NOTICE, progress }, never());
    assert(result.outcome === 'failed' && !result.permanent, result.detail);
    assert.deepEqual(progress, noProgress());
  }
});

const REFUSALS: { at: string; code: number; permanent: boolean; behaviour: SMTPServerOptions }[] = [
  ...[550, 450].map((code) => ({
    at: 'RCPT TO',
    code,
    permanent: code >= 500,
    behaviour: {
      onRcptTo: ((address, _session, callback) =>
        callback(refusal(code, `5.1.1 <${address.address}> refused`))) as SMTPServerOptions['onRcptTo'],
    },
  })),
  ...[553, 451, 530].map((code) => ({
    at: 'MAIL FROM',
    code,
    permanent: code === 553,
    behaviour: {
      onMailFrom: ((_address, _session, callback) =>
        callback(refusal(code, 'refused'))) as SMTPServerOptions['onMailFrom'],
    },
  })),
  ...[554, 452].map((code) => ({
    at: 'DATA',
    code,
    permanent: code >= 500,
    behaviour: {
      onData: ((stream, _session, callback) => {
        stream.resume().on('end', () => callback(refusal(code, 'refused')));
      }) as SMTPServerOptions['onData'],
    },
  })),
];
for (const { at, code, permanent, behaviour } of REFUSALS)
  test(`${code} at ${at} is ${permanent ? 'permanent' : 'tried again'}`, async (context) => {
    const { channel } = await aServer(context, behaviour);
    const result = await channel.send(NOTICE, never());
    assert(result.outcome === 'failed');
    assert.equal(result.permanent, permanent, result.detail);
    assert.match(result.detail, new RegExp(`${code}.* at ${at}`));
    holdsNoSecret(result);
  });

test('every recipient refused, one of them for now only: tried again', async (context) => {
  const { channel } = await aServer(context, {
    onRcptTo: (address, _session, callback) =>
      callback(refusal(address.address.startsWith('oncall') ? 450 : 550, 'refused')),
  });
  const result = await channel.send(NOTICE, never());
  assert(result.outcome === 'failed' && !result.permanent, result.detail);
});

test('a wrong password is tried again, and stands in no result', async (context) => {
  const { port } = await aServer(context);
  const channel = createEmailChannel({
    smtpUrl: `smtp://lockwatch:wrong-secret@127.0.0.1:${port}`,
    from: 'a@example.com',
    to: ['b@example.com'],
    say: SAY,
  });
  const result = await channel.send(NOTICE, never());
  assert(result.outcome === 'failed' && !result.permanent);
  assert.match(result.detail, /user or password was refused 535/);
  assert(!JSON.stringify(result).includes('wrong-secret'));
});

test('a server that hangs is given up when the caller says so, and its connection is closed', async (context) => {
  const abort = new AbortController();
  let closed = () => {};
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const { channel } = await aServer(context, {
    onMailFrom: () => abort.abort(),
    onClose: () => closed(),
  });
  const result = await channel.send(NOTICE, abort.signal);
  assert(result.outcome === 'failed' && !result.permanent);
  assert.match(result.detail, /given up/);
  await isClosed;
});

test('a signal that is already aborted sends nothing', async (context) => {
  const { channel, mails } = await aServer(context);
  const result = await channel.send(NOTICE, AbortSignal.abort());
  assert.equal(result.outcome, 'failed');
  assert.equal(mails.length, 0);
});

test('a server that says nothing is given up after the timeout', async (context) => {
  const { channel } = await aServer(context, { onConnect: () => undefined }, { timeoutMs: 50 });
  const result = await channel.send(NOTICE, never());
  assert(result.outcome === 'failed' && !result.permanent);
  assert.match(result.detail, /no answer in time/);
});

test('a connection that breaks is tried again', async (context) => {
  const server = createServer((socket) => socket.end('220 hello\r\n', () => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const channel = createEmailChannel({
    smtpUrl: `smtp://u:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}`,
    from: 'a@example.com',
    to: ['b@example.com'],
    say: SAY,
  });
  const result = await channel.send(NOTICE, never());
  assert(result.outcome === 'failed' && !result.permanent, result.detail);
  holdsNoSecret(result);
});

test('mail leaves this host encrypted only, unless that is allowed by name', async () => {
  const seen: { requireTLS?: boolean; secure?: boolean; port?: number | string }[] = [];
  const sendWith = async (smtpUrl: string, options: Partial<EmailOptions> = {}) => {
    const channel = createEmailChannel({
      smtpUrl,
      from: 'a@example.com',
      to: ['b@example.com'],
      say: SAY,
      loadTransport: async (server) => {
        seen.push(server);
        return { sendMail: async () => ({ accepted: ['b'] }), close: () => undefined };
      },
      ...options,
    });
    await channel.send(NOTICE, never());
    return seen.at(-1);
  };
  assert.equal((await sendWith('smtp://relay.example.com'))?.requireTLS, true);
  assert.equal((await sendWith('smtp://localhost.example.com'))?.requireTLS, true);
  assert.equal((await sendWith('smtp://relay.example.com', { allowUnencrypted: true }))?.requireTLS, false);
  assert.equal((await sendWith('smtp://localhost:2525'))?.requireTLS, false);
  assert.equal((await sendWith('smtp://[::1]:2525'))?.requireTLS, false);
  const secure = await sendWith('smtps://relay.example.com');
  assert.equal(secure?.secure, true);
  assert.equal(secure?.port, 465);
});

test('options in the query of the URL are not taken', async () => {
  let taken = {};
  const channel = createEmailChannel({
    smtpUrl: 'smtps://relay.example.com/?tls.rejectUnauthorized=false&ignoreTLS=true',
    from: 'a@example.com',
    to: ['b@example.com'],
    say: SAY,
    loadTransport: async (server) => {
      taken = server;
      return { sendMail: async () => ({}), close: () => undefined };
    },
  });
  await channel.send(NOTICE, never());
  assert(!('tls' in taken) && !('ignoreTLS' in taken));
});

test('a relay that offers no TLS where it is required gets neither mail nor password', async (context) => {
  const seen: string[] = [];
  const server = createServer((socket) => {
    socket.write('220 hello\r\n');
    socket.on('data', (data) => {
      seen.push(data.toString());
      socket.write(data.toString().startsWith('EHLO') ? '250-relay\r\n250 AUTH PLAIN\r\n' : '502 no\r\n');
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const channel = createEmailChannel({
    smtpUrl: `smtp://u:${encodeURIComponent(PASSWORD)}@relay.example.com:${port}`,
    from: 'a@example.com',
    to: ['b@example.com'],
    say: SAY,
    loadTransport: async (options) => {
      const { createTransport } = await import('nodemailer');
      return createTransport({ ...options, host: '127.0.0.1' });
    },
  });
  const result = await channel.send(NOTICE, never());
  assert(result.outcome === 'failed' && !result.permanent, result.detail);
  assert.match(result.detail, /secure connection/);
  assert(!seen.join('').includes('AUTH PLAIN') && !seen.join('').includes('MAIL FROM'));
});

test('an address that is none is refused at once, and not shown', () => {
  for (const smtpUrl of [`smtp://u:${PASSWORD}@:x`, `http://u:${PASSWORD}@relay`, PASSWORD])
    assert.throws(
      () => createEmailChannel({ smtpUrl, from: 'a@example.com', to: ['b@example.com'], say: SAY }),
      (error: Error) => !`${error.stack}${JSON.stringify(error)}`.includes(PASSWORD),
    );
});
