import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { normalId } from '../../shared/azure/arm-id.ts';
import { policyKey } from '../../shared/incidents/ids.ts';
import { withHostileNames } from '../api/pages/hostile-names.ts';
import { type PageState, pageState, type StateWorld } from '../api/pages/page-states.ts';
import { type PagesServer, servePages } from '../api/pages/serve-pages.ts';
import { policyId } from '../pipeline/a-world.ts';
import { environment, KEY_ID, known, PRINCIPAL, SUBSCRIPTION } from '../triggers/a-reading.ts';
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

describe('a person who asks what would take environments down', { skip: withoutBrowser }, () => {
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
    {
      state = 'fine',
      options = PHONE,
      world,
    }: { state?: PageState; options?: typeof PHONE; world?: StateWorld } = {},
  ): Promise<{ page: Page; tab: Tab; origin: string; server: PagesServer }> {
    const shown = world ?? (await pageState(state));
    const server = await servePages(shown);
    const tab = await openTab(browser, server.origin, options);
    cleanUp.push(tab.close, server.close);
    await tab.page.goto(server.origin + path);
    return { page: tab.page, tab, origin: server.origin, server };
  }

  async function assertGood(page: Page, name: string): Promise<void> {
    await page.screenshot({ path: join(FOLDER, `blast-radius-${name}.png`), fullPage: true });
    await assertNoSideScroll(page, name);
    await assertAccessible(page, name);
  }

  it('fills in the form with the keyboard, and gets an address to hand on', async () => {
    const { page, tab } = await open('/blast-radius');
    assert.match(await page.innerText('h1'), /What would take environments down/);
    assert.equal(await page.locator('[role=alert]').count(), 0, 'nothing was asked yet');
    await page.selectOption('#about', 'vault');
    await page.fill('#name', 'kv-eu');
    await Promise.all([page.waitForURL(/\/blast-radius\?vault=kv-eu$/), page.keyboard.press('Enter')]);
    const text = await page.innerText('main');
    assert.match(text, /What would take kv-eu down/);
    assert.match(text, /would take up to 6 environments of 2 policies offline/);
    assert.match(text, /Delete the key vault kv-eu/);
    assert.match(text, /Contoso Sales/);
    assert.match(text, /Production/);
    assertQuiet(tab, 'form');
    await assertGood(page, 'vault-390');
  });

  it('reads it on a desktop, in the dark, in every state, without anything wider than the window', async () => {
    for (const state of ['fine', 'down', 'unknown', 'restored'] as const) {
      const { page, tab } = await open('/blast-radius?vault=kv-eu', {
        state,
        options: { ...DESKTOP, ...(state === 'down' ? { colorScheme: 'dark' as const } : {}) },
      });
      const text = await page.innerText('main');
      if (state === 'down') assert.match(text, /Down already: /);
      if (state === 'unknown') assert.match(text, /Not known/);
      assertQuiet(tab, state);
      await assertGood(page, `vault-${state}-1440`);
    }
  });

  it('asks by each kind of scope', async () => {
    const group = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-keys`;
    const { page, origin } = await open('/blast-radius');
    for (const [kind, name, expected] of [
      ['key', KEY_ID, /Delete the key cmk/],
      ['policy', 'sales-eu', /of 1 policy offline/],
      ['principal', PRINCIPAL, /Remove the role Key Vault Crypto Service Encryption User/],
      ['resourceGroup', group, /Delete the resource group rg-keys/],
      ['subscription', SUBSCRIPTION, /of 3 policies offline/],
    ] as const) {
      await page.goto(`${origin}/blast-radius?${new URLSearchParams({ about: kind, name })}`);
      assert.match(page.url(), new RegExp(`\\?${kind}=`));
      assert.match(await page.innerText('main'), expected, kind);
    }
    await assertGood(page, 'subscription-390');
  });

  it('is told what is wrong with what was typed, which is still there', async () => {
    for (const [path, what, typed] of [
      [
        '/blast-radius?about=principal&name=eve@contoso.com',
        /object id of a principal, a GUID/,
        'eve@contoso.com',
      ],
      ['/blast-radius?about=policy&name=p9', /There is no policy 'p9'/, 'p9'],
      ['/blast-radius?vault=a&policy=b', /'vault' and 'policy' are both given/, 'a'],
    ] as const) {
      const { page } = await open(path);
      assert.match(await page.innerText('[role=alert]'), what);
      assert.equal(await page.inputValue('#name'), typed);
      assert.equal(await page.getAttribute('#name', 'aria-describedby'), 'refused');
      await assertGood(page, 'refused-390');
    }
  });

  it('learns that nothing watched depends on a vault, and that this is no all-clear', async () => {
    const { page, tab } = await open('/blast-radius?vault=kv-nobody', { options: DESKTOP });
    const text = await page.innerText('main');
    assert.match(text, /No watched policy depends on it/);
    assert.match(text, /Check the spelling/);
    assertQuiet(tab, 'nothing');
    await assertGood(page, 'nothing-1440');
  });

  it('comes from the page of a vault and of a policy', async () => {
    for (const path of ['/vaults/kv-eu', `/policies/${policyKey(policyId('sales-eu'))}`]) {
      const { page } = await open(path);
      await Promise.all([page.waitForURL(/\/blast-radius\?/), page.click('text=What would take this down?')]);
      assert.match(await page.innerText('main'), /Which operation takes what down/);
    }
  });

  it('reads ten thousand environments in pages', async () => {
    const world = await pageState('fine');
    const many = Array.from({ length: 10_000 }, (_, n) =>
      environment(`00000000-0000-4000-8000-${String(n).padStart(12, '0')}`),
    );
    world.world.observedState.set(normalId(policyId('sales-eu')), {
      environments: known({ source: 'powerPlatform', asOf: world.world.clock.now(), environments: many }),
    });
    const { page } = await open('/blast-radius?policy=sales-eu', { world });
    assert.match(await page.innerText('main'), /10,000 environments/);
    await assertGood(page, 'many-390');
    await Promise.all([page.waitForURL(/after=/), page.click('text=Next page')]);
    assert.match(await page.innerText('main'), /First page/);
    assert.equal(await page.locator('a[href^="/environments/"]').count(), 200);
  });

  it('sees what a silenced change would take down before confirming the silence', async () => {
    const { page, tab } = await open('/vaults/kv-eu');
    await Promise.all([page.waitForURL(/\/blast-radius\?vault=kv-eu/), page.click('text=Plan a silence')]);
    const section = page.locator('#silence');
    assert.match(await section.innerText(), /would take up to 6 environments offline: Finance/);
    assert.match(await section.innerText(), /nobody is notified of it/);
    await page.fill('#vaultSilence-why', 'The key is rotated tonight.');
    await page.selectOption('#vaultSilence-until', '4h');
    await assertGood(page, 'silence-390');
    await Promise.all([
      page.waitForURL(/vault=kv-eu&done=vaultSilence/),
      page.click('text=Silence every policy of this vault'),
    ]);
    assert.match(await page.innerText('main'), /The silence is set for every policy of this vault/);
    assert.match(await page.innerText('main'), /What would take kv-eu down/);
    assertQuiet(tab, 'silence');
  });

  it('stays whole whatever names somebody chose', async () => {
    const { page, tab, origin, server } = await open('/blast-radius');
    server.change = (answer) =>
      withHostileNames(answer, () => `<img src=x onerror=alert(1)>"'\u202Egpj ${'W'.repeat(150)}`);
    await page.goto(`${origin}/blast-radius?vault=kv-eu`);
    assert.equal(await page.locator('main img').count(), 0);
    assertQuiet(tab, 'hostile');
    await assertGood(page, 'hostile-390');
  });
});
