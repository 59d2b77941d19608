import assert from 'node:assert/strict';
import { accessSync, constants } from 'node:fs';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** The system's Chromium; another by CHROMIUM, as for the pictures. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** In CI a missing browser is a failure; elsewhere the tests are skipped, visibly. */
const isRequired = process.env.LOCKWATCH_LOCAL_REQUIRE_BROWSER === '1';

/** Why the tests of this file are skipped; false where they run. */
export const withoutBrowser: string | false = missing();

function missing(): string | false {
  try {
    accessSync(CHROMIUM, constants.X_OK);
    return false;
  } catch {
    const why = `There is no Chromium at ${CHROMIUM}. Install one (Debian: apt-get install chromium), or name another in the variable CHROMIUM.`;
    if (isRequired) throw new Error(why);
    return why;
  }
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-lcd-text'] });
}

/** A tab that records what it must not do. */
export interface Tab {
  page: Page;
  /** Errors of the console (violations of the Content-Security-Policy are among them), and of the script. */
  errors: string[];
  /** Requests to another origin. */
  foreign: string[];
  close(): Promise<void>;
}

export async function openTab(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Tab> {
  const context = await browser.newContext({
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  });
  const page = await context.newPage();
  const errors: string[] = [];
  const foreign: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('dialog', (dialog) => {
    errors.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith('data:'))
      foreign.push(request.url());
  });
  return { page, errors, foreign, close: () => context.close() };
}

interface AxeResult {
  violations: { id: string; help: string; nodes: { html: string; failureSummary: string }[] }[];
}

/** axe-core finds nothing: WCAG 2.2 A and AA, and its best practices. */
export async function assertAccessible(page: Page, what: string): Promise<void> {
  // As the devtools do it: a script tag would be refused by the page's own policy.
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })",
  )) as AxeResult;
  assert.deepEqual(
    violations.map(
      ({ id, help, nodes }) =>
        `${what}: ${id}: ${help}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary.slice(0, 200)}`).join(' | ')}`,
    ),
    [],
  );
}

/** Nothing is wider than the window. */
export async function assertNoSideScroll(page: Page, what: string): Promise<void> {
  const widths = await page.evaluate(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  );
  const [content = 0, window = 0] = widths as number[];
  assert.ok(content <= window, `${what}: ${content} px in a window of ${window} px`);
}

export function assertQuiet({ errors, foreign }: Tab, what: string): void {
  assert.deepEqual({ errors, foreign }, { errors: [], foreign: [] }, what);
}
