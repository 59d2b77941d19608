import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { normalId } from '../../shared/azure/arm-id.ts';
import { look } from '../api/actions/post.ts';
import { contoso } from '../api/contoso.ts';
import { withHostileNames } from '../api/pages/hostile-names.ts';
import { type PagesServer, servePages } from '../api/pages/serve-pages.ts';
import { policyId, VAULT_GONE } from '../pipeline/a-world.ts';
import {
  assertAccessible,
  assertNoSideScroll,
  assertQuiet,
  openBrowser,
  openTab,
  type Tab,
  withoutBrowser,
} from './a-browser.ts';

/** Pictures to look at; not kept in the repository. */
const FOLDER = join(import.meta.dirname, '../../out/browser');
const PHONE = { viewport: { width: 390, height: 844 } };
const DESKTOP = { viewport: { width: 1440, height: 1000 } };

describe('an operator who asks who can do it', { skip: withoutBrowser }, () => {
  let browser: Browser;
  let cleanUp: (() => Promise<void>)[] = [];
  before(async () => {
    mkdirSync(FOLDER, { recursive: true });
    browser = await openBrowser();
  });
  after(() => browser?.close());
  afterEach(async () => {
    for (const one of cleanUp) await one();
    cleanUp = [];
  });

  async function open(
    path: string,
    { site, options = PHONE }: { site?: Awaited<ReturnType<typeof contoso>>; options?: typeof PHONE } = {},
  ): Promise<{ page: Page; tab: Tab; server: PagesServer }> {
    const server = await servePages(site ?? (await contoso()));
    const tab = await openTab(browser, server.origin, options);
    cleanUp.push(tab.close, server.close);
    await tab.page.goto(server.origin + path);
    return { page: tab.page, tab, server };
  }

  async function assertGood(page: Page, name: string): Promise<void> {
    await page.screenshot({ path: join(FOLDER, `who-can-${name}.png`), fullPage: true });
    await assertNoSideScroll(page, name);
    await assertAccessible(page, name);
  }

  it('names a policy with the keyboard, and reads the answer on a phone and on a desktop', async () => {
    for (const [width, options] of [
      ['390', PHONE],
      ['1440', DESKTOP],
    ] as const) {
      const { page, tab } = await open('/who-can', { options });
      assert.equal(await page.locator('[role=alert]').count(), 0, 'nothing was asked yet');
      await assertGood(page, `form-${width}`);
      await page.fill('#name', 'p1');
      await Promise.all([page.waitForURL(/\/who-can\?policy=p1$/), page.keyboard.press('Enter')]);
      const text = await page.innerText('main');
      assert.match(text, /Who can take policy ep-finance down/);
      assert.match(text, /Owner at management group contoso/);
      await page.click('text=Under a condition, which is not judged');
      assert.ok(await page.locator('text=ActionMatches').first().isVisible());
      assertQuiet(tab, width);
      await assertGood(page, `policy-${width}`);
    }
  });

  it('sees groups, eligible roles and access policies marked, in the dark', async () => {
    const site = await contoso(['ep-apps', 'ep-sales']);
    const dark = { ...DESKTOP, colorScheme: 'dark' as const };
    const { page, tab } = await open('/who-can?vault=kv-eu', { site, options: dark });
    const text = await page.innerText('main');
    assert.match(text, /group: everyone in it/);
    assert.match(text, /Owner \(eligible\) at subscription/);
    assert.match(text, /Access policy at key vault/);
    assertQuiet(tab, 'marks');
    await assertGood(page, 'vault-1440');
  });

  it('comes from the page of an incident to those who can help, and goes back', async () => {
    const site = await contoso();
    site.world.observedState.set(normalId(policyId('p1')), VAULT_GONE);
    await look(site.world, 'p1');
    const [incident] = await site.world.ports.store.listIncidents();
    const { page, tab } = await open(`/incidents/${incident?.id}`, { site });
    await Promise.all([page.waitForURL(/\/who-can\?incident=/), page.click('text=Show who can help')]);
    assert.match(await page.innerText('h1'), /Who can help with policy ep-finance now/);
    assert.match(await page.innerText('main'), /Recover the deleted key vault/);
    assertQuiet(tab, 'incident');
    await assertGood(page, 'incident-390');
    await page.click('text=Who could take it offline');
    await assertGood(page, 'incident-unfolded-390');
    await Promise.all([page.waitForURL(/\/incidents\//), page.click('text=The incident: what to do')]);
  });

  it('is told what is wrong with what was typed, which is still there', async () => {
    const { page } = await open('/who-can?about=policy&name=p9');
    assert.match(await page.innerText('[role=alert]'), /There is no policy 'p9'/);
    assert.equal(await page.inputValue('#name'), 'p9');
    await assertGood(page, 'refused-390');
  });

  it('gets a whole page whatever names somebody chose', async () => {
    const { page, tab, server } = await open('/who-can');
    server.change = (answer) =>
      withHostileNames(answer, () => `<img src=x onerror=alert(1)>"'\u202Egpj ${'W'.repeat(150)}`);
    await page.goto(`${server.origin}/who-can?policy=p1`);
    assert.equal(await page.locator('main img').count(), 0);
    assertQuiet(tab, 'hostile');
    await assertGood(page, 'hostile-390');
  });
});
