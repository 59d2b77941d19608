import {
  createServer as createHttp,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface TeamsPost {
  at: string;
  body: unknown;
}
export interface Mail {
  at: string;
  from: string;
  to: string[];
  subject: string;
  messageId: string;
  text: string;
  html: string;
}

export type SinkMode = 'ok' | 'down' | 'hang';

export interface Sinks {
  /** Where Teams cards are posted (https), where mail goes (smtps), and where a person or a test reads both (http). */
  teamsUrl: string;
  smtpUrl: string;
  readUrl: string;
  stop(): Promise<void>;
}

const MOST_KEPT = 500;

/**
 * A webhook sink and a mail sink that keep what arrived: real HTTPS with the path's signature checked as Workflows
 * does, and a real SMTP server that wants TLS and a password. `POST /mode {"teams"|"email": "ok"|"down"|"hang"}`
 * makes one of them fail.
 */
export async function startSinks(options: {
  cert: string;
  key: string;
  ports?: { teams?: number; smtp?: number; read?: number };
}): Promise<Sinks> {
  const posts: TeamsPost[] = [];
  const mails: Mail[] = [];
  const mode: { teams: SinkMode; email: SinkMode } = { teams: 'ok', email: 'ok' };

  const teams = createHttps({ cert: options.cert, key: options.key }, async (request, response) => {
    const url = new URL(request.url ?? '/', 'https://localhost');
    const body = await textOf(request);
    if (mode.teams === 'hang') return;
    if (mode.teams === 'down') return end(response, 503, 'down');
    if (url.pathname !== '/workflows/lockwatch' || url.searchParams.get('sig') !== SIGNATURE)
      return end(response, 401, 'no');
    keep(posts, { at: new Date().toISOString(), body: JSON.parse(body) });
    end(response, 202, '');
  });

  const smtp = new SMTPServer({
    cert: options.cert,
    key: options.key,
    secure: true,
    authMethods: ['PLAIN', 'LOGIN'],
    onAuth(auth, _session, callback) {
      if (auth.username === USER && auth.password === PASSWORD) callback(null, { user: USER });
      else callback(new Error('535 wrong user or password'));
    },
    onMailFrom(_address, _session, callback) {
      if (mode.email === 'hang') return;
      callback(
        mode.email === 'down' ? Object.assign(new Error('try again later'), { responseCode: 451 }) : null,
      );
    },
    onData(stream, session, callback) {
      simpleParser(stream).then((mail) => {
        keep(mails, {
          at: new Date().toISOString(),
          from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
          to: session.envelope.rcptTo.map(({ address }) => address),
          subject: mail.subject ?? '',
          messageId: mail.messageId ?? '',
          text: mail.text ?? '',
          html: mail.html || '',
        });
        callback(null, 'kept');
      }, callback);
    },
  });
  // A client that ends its connection early is the client's affair.
  smtp.on('error', (error) => console.error(`mail sink: ${error.message}`));

  const read = createHttp(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (request.method === 'POST' && path === '/mode') {
      Object.assign(mode, JSON.parse(await textOf(request)));
      return json(response, mode);
    }
    if (path === '/teams') return json(response, posts);
    if (path === '/mails') return json(response, mails);
    if (path === '/')
      return json(response, { teams: posts.length, mails: mails.length, see: ['/teams', '/mails'] });
    end(response, 404, 'There is /teams and /mails.');
  });

  const teamsPort = await listen(teams, options.ports?.teams);
  const readPort = await listen(read, options.ports?.read);
  const smtpServer = smtp.listen(options.ports?.smtp ?? 0, '127.0.0.1');
  await new Promise<void>((resolve) => smtpServer.once('listening', () => resolve()));
  const address = smtpServer.address();
  const smtpPort = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    teamsUrl: `https://localhost:${teamsPort}/workflows/lockwatch?sig=${SIGNATURE}`,
    smtpUrl: `smtps://${USER}:${PASSWORD}@localhost:${smtpPort}`,
    readUrl: `http://127.0.0.1:${readPort}`,
    async stop() {
      teams.closeAllConnections();
      await Promise.all([
        new Promise((resolve) => teams.close(resolve)),
        new Promise((resolve) => read.close(resolve)),
        new Promise<void>((resolve) => smtp.close(() => resolve())),
      ]);
    },
  };
}

/** The sinks' own secrets, so that a test can look for them where they must not appear. */
export const SIGNATURE = 'c2lnbmF0dXJlLW9mLXRoZS1zaW5r';
export const USER = 'lockwatch';
export const PASSWORD = 'sink-password';

function keep<T>(kept: T[], item: T): void {
  kept.push(item);
  if (kept.length > MOST_KEPT) kept.shift();
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) text += chunk;
  return text;
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function listen(server: Server, port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
