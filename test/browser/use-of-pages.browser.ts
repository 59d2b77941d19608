import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { withHostileNames } from '../api/pages/hostile-names.ts';
import { type PageState, pageState, type StateWorld } from '../api/pages/page-states.ts';
import { type PagesServer, servePages } from '../api/pages/serve-pages.ts';
import {
  assertAccessible,
  assertNoSideScroll,
  assertQuiet,
  openBrowser,
  openTab,
  type Tab,
  withoutBrowser,
} from './a-browser.ts';

const PHONE = { viewport: { width: 390, height: 844 } };

describe('a person who uses the pages', { skip: withoutBrowser }, () => {
  let browser: Browser;
  let cleanUp: (() => Promise<void>)[] = [];
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser?.close());
  afterEach(async () => {
    for (const one of cleanUp) await one();
    cleanUp = [];
  });

  async function visit(
    state: PageState,
    pathOf: (world: StateWorld) => string = ({ incidentId }) => `/incidents/${incidentId}`,
    options: Parameters<typeof openTab>[2] = PHONE,
  ): Promise<{ server: PagesServer; tab: Tab; page: Page; world: StateWorld; path: string }> {
    const world = await pageState(state);
    const server = await servePages(world);
    const tab = await openTab(browser, server.origin, options);
    cleanUp.push(tab.close, server.close);
    const path = pathOf(world);
    return { server, tab, page: tab.page, world, path };
  }

  it('acknowledges and silences with the keyboard alone', async () => {
    const { server, tab, page, world, path } = await visit('down');
    await page.goto(server.origin + path);
    await tabTo(page, "active.textContent === 'Acknowledge'");
    await Promise.all([page.waitForURL(/done=acknowledge/), page.keyboard.press('Enter')]);
    assert.match(await page.innerText('main'), /You have it now\./);
    await tabTo(page, "active.id === 'silence-until'");
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await page.keyboard.type('The key is being restored.');
    await Promise.all([page.waitForURL(/done=silence/), page.keyboard.press('Enter')]);
    assert.match(await page.innerText('main'), /Ada Admin has it/);
    const incident = await world.ports.store.readIncident(world.incidentId ?? '');
    assert.equal(incident?.acknowledged?.by.name, 'Ada Admin');
    assert.equal(incident?.silence?.why, 'The key is being restored.');
    assertQuiet(tab, 'keyboard');
  });

  it('acknowledges without scripts', async () => {
    const { server, page, world, path } = await visit('down', undefined, {
      ...PHONE,
      javaScriptEnabled: false,
    });
    await page.goto(server.origin + path);
    await page.click('#top button[value=acknowledge]');
    const incident = await world.ports.store.readIncident(world.incidentId ?? '');
    assert.equal(incident?.acknowledged?.by.name, 'Ada Admin');
  });

  it('reads why a form was not taken, and nothing is done', async () => {
    const { server, page, world, path } = await visit('down');
    await page.goto(server.origin + path);
    await page.evaluate("document.querySelector('#silence-until option').value = '2020-01-01T00:00:00Z'");
    await page.fill('#silence-why', 'typed');
    await page.click('#silence button');
    assert.match(await page.innerText('[role=alert]'), /It was not done\. .*until.* is past already/);
    assert.equal(await page.inputValue('#silence-why'), 'typed');
    // The page of this address has an empty form: a refresh must not put it there.
    assert.equal(await page.getAttribute('#part-actions', 'data-touched'), '');
    assert.equal((await world.ports.store.readIncident(world.incidentId ?? ''))?.silence, undefined);
  });

  it('copies the first command from the first screen of a phone', async () => {
    const { server, page, path } = await visit('down');
    await page.goto(server.origin + path);
    const button = page.locator('button[data-copy=first-command]');
    const box = await button.boundingBox();
    assert.ok(box && box.y + box.height <= 844, `the button ends at ${box && box.y + box.height} px`);
    await button.click();
    const copied = await page.evaluate('navigator.clipboard.readText()');
    assert.match(
      String(copied),
      /^az keyvault key set-attributes --vault-name kv-eu --name cmk --version \w+ --enabled true/,
    );
    await page.getByText('Copied').first().waitFor();
  });

  it('sees what changes without reloading, and keeps what was typed', async () => {
    const { server, tab, page, path } = await visit('down');
    await page.clock.install();
    await page.goto(server.origin + path);
    await page.fill('#silence-why', 'half a sentence');
    const other = await openTab(browser, server.origin);
    cleanUp.push(other.close);
    await other.page.goto(server.origin + path);
    await other.page.click('#top button[value=acknowledge]');
    await page.clock.runFor(5_000);
    await page.locator('#top', { hasText: 'Ada Admin' }).waitFor();
    assert.equal(await page.inputValue('#silence-why'), 'half a sentence');
    assertQuiet(tab, 'refresh');
  });

  for (const [what, instead] of [
    ['an error', { status: 503 }],
    ['a sign-in', { status: 302, headers: { location: '/sign-in' } }],
  ] as const)
    it(`is warned since when the page is stale if a refresh leads to ${what}`, async () => {
      const { server, page, path } = await visit('down');
      await page.clock.install();
      await page.goto(server.origin + path);
      assert.ok(await page.locator('#stale').isHidden());
      server.instead = instead;
      await page.clock.runFor(65_000);
      await page.locator('#stale').waitFor({ state: 'visible' });
      assert.match(
        await page.innerText('#stale'),
        /This page is not current\. It shows what was known 1 minute/,
      );
      server.instead = undefined;
      await page.clock.runFor(5_000);
      await page.locator('#stale').waitFor({ state: 'hidden' });
    });

  it('does not ask the server while nobody looks or it is paused', async () => {
    const { server, page, path } = await visit('down');
    await page.clock.install();
    await page.goto(server.origin + path);
    await page.click('#pause');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.clock.runFor(60_000);
    assert.deepEqual(asked, []);
    await page.click('#pause');
    await page.clock.runFor(5_000);
    assert.ok(asked.length > 0);
  });

  it('reads times by the own clock beside UTC', async () => {
    const { server, page, path } = await visit('down');
    await page.goto(server.origin + path);
    assert.match(await page.innerText('#top'), /Fri 20 Nov 2026, 10:01 UTC \(11:01 your time\)/);
  });

  it('is not harmed by hostile names, and nothing breaks out of its place', async () => {
    const { server, tab, page, path } = await visit('down', undefined, {
      viewport: { width: 320, height: 700 },
    });
    const names = [
      '<script>alert(1)</script><img src=x onerror=alert(2)>',
      '"><svg onload=alert(3)>',
      '\u202eמשהו\u202c עברית <b>',
      `W${'W'.repeat(9_999)}`,
      '**bold** [x](javascript:alert(4))',
    ];
    let next = 0;
    server.change = (answer) => withHostileNames(answer, () => names[next++ % names.length] ?? '');
    for (const at of [path, '/', `${path}/report`, '/incidents', '/coverage', '/health', '/activity']) {
      await page.goto(server.origin + at);
      await assertNoSideScroll(page, at);
      await assertAccessible(page, at);
      assertQuiet(tab, at);
    }
  });
});

/** Presses Tab until the focused element is the wanted one. */
async function tabTo(page: Page, is: string): Promise<void> {
  for (let n = 0; n < 80; n += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(`(({ activeElement: active }) => ${is})(document)`)) return;
  }
  assert.fail(`no focus: ${is}`);
}
