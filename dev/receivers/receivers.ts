import { createHmac } from 'node:crypto';
import {
  createServer as createHttp,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import * as z from 'zod';
import { cardsPage, eventsPage, mailsPage, NEWEST, PAGE_HEADERS, startPage } from './page.ts';
import type { EventPost, NewestReceived, ReceivedMail, TeamsPost } from './received.ts';

const receiverMode = z.enum(['ok', 'down', 'hang']);
const modeRequest = z.strictObject({
  teams: receiverMode.optional(),
  email: receiverMode.optional(),
  webhook: receiverMode.optional(),
});
type Mode = Required<z.output<typeof modeRequest>>;

export interface Receivers {
  /**
   * The addresses for Teams cards (https), mail (smtps) and CloudEvents (https), and for reading them (http).
   */
  teamsUrl: string;
  smtpUrl: string;
  webhookUrl: string;
  /** The key that signs the CloudEvents. */
  webhookSecret: string;
  readUrl: string;
  stop(): Promise<void>;
}

const MAX_KEPT = 500;

/**
 * Receivers for Teams, mail and CloudEvents that store received messages: real HTTPS with the path's
 * signature checked as Workflows does, a real SMTP server that requires TLS and a password, and a webhook
 * that checks each event's signature. A person reads `/`, a test `/teams`, `/mails` and `/events`, the console
 * `/newest`; `POST
 * /mode {"teams"|"email"|"webhook": "ok"|"down"|"hang"}` makes one of them fail. Invalid input never ends the
 * process.
 */
export async function startReceivers(options: {
  cert: string;
  key: string;
  ports?: { teams?: number; smtp?: number; read?: number };
}): Promise<Receivers> {
  const posts: TeamsPost[] = [];
  const mails: ReceivedMail[] = [];
  const events: EventPost[] = [];
  /** The total number received; only the newest are stored. */
  const counts = { teams: 0, mails: 0, events: 0 };
  const arrival = () => ({
    at: new Date().toISOString(),
    number: counts.teams + counts.mails + counts.events,
  });
  const mode: Mode = { teams: 'ok', email: 'ok', webhook: 'ok' };

  const answerEvents = (request: IncomingMessage, response: ServerResponse, body: string) => {
    if (mode.webhook === 'hang') return;
    if (mode.webhook === 'down') return end(response, 503, 'down');
    if (!isSigned(request, body)) return end(response, 401, 'The signature is wrong.');
    const event = jsonOf(body);
    if (event === undefined) return end(response, 400, 'This is not JSON.');
    counts.events++;
    keep(events, { ...arrival(), body: event });
    end(response, 202, '');
  };

  const answerTeams = async (request: IncomingMessage, response: ServerResponse) => {
    const url = URL.parse(request.url ?? '/', 'https://localhost');
    const body = await textOf(request);
    if (url?.pathname === '/events') return answerEvents(request, response, body);
    if (mode.teams === 'hang') return;
    if (mode.teams === 'down') return end(response, 503, 'down');
    if (url?.pathname !== '/workflows/lockwatch' || url.searchParams.get('sig') !== SIGNATURE)
      return end(response, 401, 'no');
    const card = jsonOf(body);
    if (card === undefined) return end(response, 400, 'This is not JSON.');
    counts.teams++;
    keep(posts, { ...arrival(), body: card });
    end(response, 202, '');
  };
  const teams = createHttps({ cert: options.cert, key: options.key }, guarded(answerTeams));

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
        counts.mails++;
        keep(mails, {
          ...arrival(),
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
  // A client may end its connection early: that is not a fault of this server.
  smtp.on('error', (error) => console.error(`mail receiver: ${error.message}`));

  const answerReader = async (request: IncomingMessage, response: ServerResponse) => {
    const path = URL.parse(request.url ?? '/', 'http://localhost')?.pathname;
    if (request.method === 'POST' && path === '/mode') {
      const asked = modeRequest.safeParse(jsonOf(await textOf(request)));
      if (!asked.success)
        return end(response, 400, 'Give {"teams", "email" or "webhook": "ok", "down" or "hang"}.');
      return json(response, Object.assign(mode, asked.data));
    }
    if (request.method !== 'GET')
      return end(response, 405, 'Read with GET; POST /mode alone changes something.');
    if (path === '/teams') return json(response, posts);
    if (path === '/mails') return json(response, mails);
    if (path === '/events') return json(response, events);
    if (path === '/counts') return json(response, counts);
    if (path === '/newest')
      return json(response, {
        counts,
        teams: posts.slice(-NEWEST),
        mails: mails.slice(-NEWEST),
        events: events.slice(-NEWEST),
      } satisfies NewestReceived);
    if (path === '/cards') return page(response, cardsPage(posts, counts.teams));
    if (path === '/mailbox') return page(response, mailsPage(mails, counts.mails));
    if (path === '/hook') return page(response, eventsPage(events, counts.events));
    if (path === '/') return page(response, startPage(counts));
    end(response, 404, 'There is /, /cards, /mailbox, /hook, /teams, /mails, /events, /newest and /counts.');
  };
  const read = createHttp(guarded(answerReader));

  const teamsPort = await listen(teams, options.ports?.teams);
  const readPort = await listen(read, options.ports?.read);
  const smtpServer = smtp.listen(options.ports?.smtp ?? 0, '127.0.0.1');
  await new Promise<void>((resolve) => smtpServer.once('listening', () => resolve()));
  const address = smtpServer.address();
  const smtpPort = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    teamsUrl: `https://localhost:${teamsPort}/workflows/lockwatch?sig=${SIGNATURE}`,
    smtpUrl: `smtps://${USER}:${PASSWORD}@localhost:${smtpPort}`,
    webhookUrl: `https://localhost:${teamsPort}/events`,
    webhookSecret: HOOK_SECRET,
    readUrl: `http://127.0.0.1:${readPort}`,
    async stop() {
      for (const server of [teams, read]) server.closeAllConnections();
      await Promise.all([
        new Promise((resolve) => teams.close(resolve)),
        new Promise((resolve) => read.close(resolve)),
        new Promise<void>((resolve) => smtp.close(() => resolve())),
      ]);
    },
  };
}

/** The receivers' own secrets, so that a test can check that they appear nowhere else. */
const SIGNATURE = 'c2lnbmF0dXJlLW9mLXRoZS1zaW5r';
const USER = 'lockwatch';
const PASSWORD = 'receiver-password';
const HOOK_SECRET = 'webhook-secret-of-the-receiver';

/** As docs/integrate.md says, except for the age: a receiver here accepts any. */
function isSigned(request: IncomingMessage, body: string): boolean {
  const text = `${request.headers['lockwatch-timestamp']}.${body}`;
  const wanted = `v1=${createHmac('sha256', HOOK_SECRET).update(text).digest('hex')}`;
  return request.headers['lockwatch-signature'] === wanted;
}

function keep<T>(kept: T[], item: T): void {
  kept.push(item);
  if (kept.length > MAX_KEPT) kept.shift();
}

/** A caller that disconnects during its request, or a fault of ours, ends only that request. */
function guarded(answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>) {
  return (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch((error) => {
      console.error(`receiver: ${error instanceof Error ? error.message : error}`);
      response.destroy();
    });
  };
}

/** Undefined where it is not JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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

function page(response: ServerResponse, text: string): void {
  response.writeHead(200, PAGE_HEADERS).end(text);
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
