import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

const USER = 'lockwatch';
export const PASSWORD = 'pa ss/w@rd%';

export function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

/**
 * A real SMTP server on loopback that keeps what it gets. `tls`: it presents the certificate of `npm test`, from the
 * start ('smtps') or when asked ('starttls').
 */
export async function anSmtpServer(
  context: TestContext,
  behaviour: SMTPServerOptions = {},
  tls?: 'smtps' | 'starttls',
): Promise<{ mails: ParsedMail[]; port: number; url: string; drop: () => void }> {
  const mails: ParsedMail[] = [];
  const server = new SMTPServer({
    ...(tls
      ? {
          secure: tls === 'smtps',
          cert: fileIn('LOCKWATCH_LOCAL_TEST_CERT'),
          key: fileIn('LOCKWATCH_LOCAL_TEST_KEY'),
        }
      : { disabledCommands: ['STARTTLS'], allowInsecureAuth: true }),
    disableReverseLookup: true,
    onAuth(auth, _session, callback) {
      if (auth.username === USER && auth.password === PASSWORD) callback(null, { user: USER });
      else callback(refusal(535, `5.7.8 wrong: ${auth.password}`));
    },
    onData(stream, _session, callback) {
      simpleParser(stream).then((mail) => {
        mails.push(mail);
        callback(null);
      }, callback);
    },
    ...behaviour,
  });
  server.on('error', () => undefined); // a client that breaks off is part of some tests
  const sockets = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => sockets.add(socket));
  const listening = server.listen(0, '127.0.0.1');
  await new Promise<void>((resolve) => listening.once('listening', () => resolve()));
  context.after(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = listening.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const host = tls ? 'localhost' : '127.0.0.1';
  const scheme = tls === 'smtps' ? 'smtps' : 'smtp';
  return {
    mails,
    port,
    url: `${scheme}://${USER}:${encodeURIComponent(PASSWORD)}@${host}:${port}`,
    /** Breaks every connection. */
    drop() {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
  };
}

function fileIn(variable: string): string {
  const file = process.env[variable];
  if (!file) throw new Error('Run with npm test: it makes the certificate.');
  return readFileSync(file, 'utf8');
}
