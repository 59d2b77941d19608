import assert from 'node:assert/strict';
import { it } from 'node:test';
import { pageState } from '../api/pages/page-states.ts';
import { servePages } from '../api/pages/serve-pages.ts';
import {
  assertAccessible,
  assertNoSideScroll,
  assertQuiet,
  openBrowser,
  openTab,
  withoutBrowser,
} from './a-browser.ts';

/** The one load of `npm test`; `npm run test:browser` has the others. */
it('the first screen of a phone says what is down, since when, why, by when, and the first command', {
  skip: withoutBrowser,
}, async () => {
  const world = await pageState('down');
  const server = await servePages(world);
  const browser = await openBrowser();
  try {
    const tab = await openTab(browser, server.origin, { viewport: { width: 390, height: 844 } });
    await tab.page.goto(`${server.origin}/incidents/${world.incidentId}`);
    for (const selector of ['#top h1', '#top .first', '#first-command', '[data-copy=first-command]']) {
      const box = await tab.page.locator(selector).boundingBox();
      assert.ok(box && box.y + box.height <= 844, `${selector} ends at ${box && box.y + box.height} px`);
    }
    await tab.page.setViewportSize({ width: 375, height: 700 });
    const take = await tab.page.getByRole('button', { name: 'Acknowledge' }).first().boundingBox();
    assert.ok(take && take.y + take.height <= 700, `Acknowledge ends at ${take && take.y + take.height} px`);
    await assertNoSideScroll(tab.page, 'incident');
    await assertAccessible(tab.page, 'incident');
    assertQuiet(tab, 'incident');
  } finally {
    await browser.close();
    await server.close();
  }
});
