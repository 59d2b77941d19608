import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { type ConsoleServer, serveConsole } from '../../dev/console/serve-console.ts';
import { ensureBuilt } from '../../dev/stack/ensure-built.ts';
import { type Stack, startStack } from '../../dev/stack/stack.ts';
import {
  assertAccessible,
  assertNoSideScroll,
  assertQuiet,
  openBrowser,
  openTab,
  withoutBrowser,
} from './a-browser.ts';

const FOLDER = join(import.meta.dirname, '../../out/browser');
const SWEEP_SECONDS = 5;
const PATIENCE = { timeout: 60_000 };

/** The whole local stack, as `npm start` runs it, with a shorter sweep. */
describe('the console of the local stack', { skip: withoutBrowser }, () => {
  let browser: Browser;
  let directory: string;
  let stack: Stack;
  let shown: ConsoleServer;
  before(async () => {
    mkdirSync(FOLDER, { recursive: true });
    await ensureBuilt({ quiet: true });
    const certFile = process.env.LOCKWATCH_LOCAL_TEST_CERT;
    const keyFile = process.env.LOCKWATCH_LOCAL_TEST_KEY;
    if (!certFile || !keyFile) throw new Error('Run the browser tests with: npm run test:browser');
    directory = await mkdtemp(join(tmpdir(), 'lockwatch-console-'));
    stack = await startStack({
      directory,
      certificate: { certFile, keyFile },
      simulator: { latencyMs: 0 },
      sweepSeconds: SWEEP_SECONDS,
      webhook: true,
      movableClock: true,
    });
    shown = await serveConsole({
      port: 0,
      simulatorUrl: stack.simulator.control,
      receiversUrl: stack.receivers.readUrl,
      appUrl: stack.url,
      sweepSeconds: SWEEP_SECONDS,
      moveAhead: stack.moveAhead,
    });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await shown?.stop();
    await stack?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('shows the vaults; "Disable key" leads to a card, without reloading; moving the time ahead, to a reminder', async () => {
    const tab = await openTab(browser, shown.url, { viewport: { width: 1280, height: 900 } });
    const { page } = tab;
    await page.goto(shown.url);
    for (const name of ['kv-contoso-eu', 'kv-contoso-us', 'kv-contoso-apps'])
      await page.getByRole('heading', { name }).waitFor();
    await page.evaluate("document.body.dataset.sameDocument = 'yes'");
    await assertAccessible(page, 'console, nothing changed');

    const sales = page.getByRole('article', { name: 'kv-contoso-us' });
    await sales.getByRole('button', { name: /^Disable key/ }).click();
    await page.getByText('Done: key-disabled on ep-sales.').or(page.getByText('after your click')).waitFor();
    await sales.getByText('Because the key version in use is disabled').waitFor();
    const arrived = page.getByRole('list', { name: /^What arrived/ });
    await arrived.locator('.teams', { hasText: '3 environments offline' }).waitFor(PATIENCE);
    await arrived.locator('.mail', { hasText: '3 environments offline' }).waitFor(PATIENCE);
    await arrived.locator('.event', { hasText: 'Lockwatch.Incident.Opened' }).waitFor(PATIENCE);
    await page.getByText(/^The card arrived \d+ s after your click\.$/).waitFor();
    await page.locator('#lockwatch').getByText('ep-sales').waitFor(PATIENCE);
    assert.equal(await page.evaluate('document.body.dataset.sameDocument'), 'yes');

    // What somebody has opened stays open when something else arrives.
    const mail = arrived.locator('.mail', { hasText: '] 3 environments offline' });
    await mail.locator('summary').first().click();
    await page.getByRole('button', { name: 'Move the time ahead by 15 min' }).click();
    await arrived.locator('.teams .large', { hasText: /^Reminder/ }).waitFor(PATIENCE);
    assert.equal(await mail.locator('details').first().getAttribute('open'), '');
    await page.screenshot({ path: join(FOLDER, 'console-down-1280-light.png') });
    await assertAccessible(page, 'console, with an open mail');

    await sales.getByRole('button', { name: /^Undo/ }).click();
    await sales.getByRole('button', { name: /^Re-enable environments/ }).click();
    await sales.getByText('disabled').first().waitFor({ state: 'detached' });
    assertQuiet(tab, 'console');
    await tab.close();
  });

  it('fits a phone in the dark, and a bar there leads to what arrived', async () => {
    const tab = await openTab(browser, shown.url, {
      viewport: { width: 390, height: 844 },
      colorScheme: 'dark',
      reducedMotion: 'reduce',
    });
    await tab.page.goto(shown.url);
    await tab.page.getByRole('link', { name: /Admins got \d+ cards/ }).click();
    const top = await tab.page.evaluate("document.getElementById('admins').getBoundingClientRect().top");
    assert.ok(Number(top) < 200, `the notices begin at ${top} px`);
    await tab.page.screenshot({ path: join(FOLDER, 'console-390-dark.png') });
    await assertNoSideScroll(tab.page, 'console');
    await assertAccessible(tab.page, 'console on a phone');
    assertQuiet(tab, 'console on a phone');
    await tab.close();
  });
});
