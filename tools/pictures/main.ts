import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { teamsBody } from '../../shared/notices/render/card.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { type PageState, pageState } from '../../test/api/pages/page-states.ts';
import { servePages } from '../../test/api/pages/serve-pages.ts';
import { SAY } from '../../test/notices/a-notice.ts';
import { CASES } from '../../test/notices/texts-cases.ts';
import { cardPage } from './card-page.ts';

/**
 * `npm run pictures`: the notices that admins receive, and the pages that they lead to, as pictures for the docs.
 * Microsoft's own renderer draws the cards at the width of a phone, and emails are 700 pixels wide; the examples
 * are those whose texts are reviewed (test/notices/texts). The pages are those of the tests' states.
 */
const FOLDER = join(import.meta.dirname, '../../docs/pictures');
const PHONE = 390;
const MAIL = 700;
/** A long mail is cut off at the end of its picture. */
const MAX_HEIGHT = 1250;
/** The system's Chromium; another by CHROMIUM. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

interface Picture {
  name: string;
  example: string;
  as: 'card' | 'email';
  dark?: true;
  /** An email in the mail program of a phone. */
  isPhone?: true;
  /** Buttons of the card that are pressed before the picture is taken. */
  press?: string[];
}

const PICTURES: readonly Picture[] = [
  { name: 'opened-card', example: 'opened', as: 'card' },
  { name: 'opened-email', example: 'opened', as: 'email' },
  { name: 'opened-email-phone', example: 'opened', as: 'email', isPhone: true },
  { name: 'network-closed-card', example: 'opened-network-closed', as: 'card' },
  { name: 'network-closed-email-phone', example: 'opened-network-closed', as: 'email', isPhone: true },
  { name: 'suspected-card', example: 'suspected', as: 'card' },
  { name: 'worsened-card', example: 'worsened', as: 'card' },
  { name: 'deadline-email-dark', example: 'deadline-3-days', as: 'email', dark: true },
  { name: 'access-restored-card', example: 'access-restored', as: 'card' },
  { name: 'access-restored-card-commands', example: 'access-restored', as: 'card', press: ['As commands'] },
  { name: 'closed-card', example: 'closed-by-a-person', as: 'card' },
  { name: 'visibility-lost-email', example: 'visibility-lost', as: 'email' },
  { name: 'digest-email-dark', example: 'warning', as: 'email', dark: true },
  { name: 'drill-card', example: 'drill', as: 'card' },
  { name: 'undelivered-card', example: 'undelivered', as: 'card' },
];

interface PagePicture {
  name: string;
  path: string;
  /** `down` where none is named. */
  state?: PageState;
  width: number;
  height: number;
  dark?: true;
}

const PAGE_PICTURES: readonly PagePicture[] = [
  { name: 'incident-phone', path: '/incidents/{id}', width: PHONE, height: 844 },
  { name: 'incident-desktop-dark', path: '/incidents/{id}', width: 1280, height: 900, dark: true },
  { name: 'home-phone-dark', path: '/', width: PHONE, height: 844, dark: true },
  { name: 'home-desktop', path: '/', width: 1280, height: 900 },
  { name: 'blast-radius', path: '/blast-radius?vault=kv-eu', state: 'fine', width: 860, height: 760 },
];

async function main(): Promise<void> {
  const missing = whatIsMissing();
  if (missing) {
    console.error(missing);
    process.exitCode = 1;
    return;
  }
  mkdirSync(FOLDER, { recursive: true });
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-lcd-text'],
  });
  try {
    for (const picture of PICTURES) keep(picture.name, await take(browser, picture));
    for (const picture of PAGE_PICTURES) keep(picture.name, await takePage(browser, picture));
  } finally {
    await browser.close();
  }
}

function keep(name: string, png: Buffer): void {
  writeFileSync(join(FOLDER, `${name}.png`), png);
  console.log(`${name}.png  ${Math.ceil(png.length / 1024)} KB`);
}

/** The first screen of a page, as somebody sees it who has signed in. */
async function takePage(
  browser: Browser,
  { path, state = 'down', width, height, dark }: PagePicture,
): Promise<Buffer> {
  const world = await pageState(state);
  const server = await servePages(world);
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    timezoneId: 'Europe/Berlin',
  });
  try {
    await page.goto(server.origin + path.replace('{id}', world.incidentId ?? ''));
    return await page.screenshot();
  } finally {
    await page.close();
    await server.close();
  }
}

function whatIsMissing(): string | undefined {
  try {
    accessSync(CHROMIUM, constants.X_OK);
    return undefined;
  } catch {
    return `There is no Chromium at ${CHROMIUM}. Install one (Debian: apt-get install chromium), or name another in the variable CHROMIUM.`;
  }
}

async function take(browser: Browser, { example, as, dark, isPhone, press = [] }: Picture): Promise<Buffer> {
  const width = as === 'card' || isPhone ? PHONE : MAIL;
  const notice = CASES[example];
  if (!notice) throw new Error(`There is no example named ${example} in test/notices/texts-cases.ts.`);
  const message = say(notice, { ...SAY, timeZone: 'Europe/Berlin' });
  const html = as === 'card' ? cardPage(teamsBody(message), renderer()) : emailContent(message).html;
  const page = await browser.newPage({
    viewport: { width, height: 400 },
    colorScheme: dark ? 'dark' : 'light',
  });
  try {
    // A mail must contain everything that it shows: nothing is fetched.
    await page.route('**', (route) => route.abort());
    await page.setContent(html);
    for (const title of press) await page.getByRole('button', { name: title }).click();
    const height = await page.evaluate('document.documentElement.scrollHeight');
    const clip = {
      x: 0,
      y: 0,
      width,
      height: Math.min(Number(height), MAX_HEIGHT),
    };
    return await page.screenshot({ fullPage: true, clip });
  } finally {
    await page.close();
  }
}

function renderer(): string {
  return readFileSync(
    createRequire(import.meta.url).resolve('adaptivecards/dist/adaptivecards.min.js'),
    'utf8',
  );
}

await main();
