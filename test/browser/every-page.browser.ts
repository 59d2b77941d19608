import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { PAGES } from '../../shared/api/pages/register.ts';
import { policyKey } from '../../shared/incidents/ids.ts';
import { PAGE_STATES, type PageState, pageState } from '../api/pages/page-states.ts';
import { type PagesServer, servePages } from '../api/pages/serve-pages.ts';
import { policyId } from '../pipeline/a-world.ts';
import {
  assertAccessible,
  assertNoSideScroll,
  assertQuiet,
  openBrowser,
  openTab,
  withoutBrowser,
} from './a-browser.ts';

/** Pictures of every load, to look at; not kept in the repository. */
const FOLDER = join(import.meta.dirname, '../../out/browser');
const WIDTHS = [320, 390, 768, 1440, 2560] as const;
const SCHEMES = ['light', 'dark'] as const;
const SCRIPTS = [true, false] as const;
/** Pages that are the same in every state. */
const STATELESS: ReadonlySet<string> = new Set(['/configuration', '/docs']);
/** All combinations of these are tried with --all. */
const FOREMOST: ReadonlySet<string> = new Set(['/', '/incidents/{id}']);
const isAll = process.env.LOCKWATCH_LOCAL_BROWSER_ALL === '1';
const seed = Number(process.env.LOCKWATCH_LOCAL_BROWSER_SEED ?? Math.floor(Math.random() * 1e6));

interface Look {
  width: number;
  scheme: 'light' | 'dark';
  hasScript: boolean;
}

const LOOKS: readonly Look[] = WIDTHS.flatMap((width) =>
  SCHEMES.flatMap((scheme) => SCRIPTS.map((hasScript) => ({ width, scheme, hasScript }))),
);

/** Rotates through all combinations in an order that the seed gives. */
function looksFrom(start: number): () => Look {
  let state = start;
  const random = () => {
    // A linear congruential generator (Numerical Recipes): any order that a number repeats.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  let waiting: Look[] = [];
  return () => {
    if (waiting.length === 0)
      waiting = LOOKS.map((look) => ({ look, at: random() }))
        .sort((a, b) => a.at - b.at)
        .map(({ look }) => look);
    return waiting.pop() ?? LOOKS[0] ?? { width: 390, scheme: 'light', hasScript: true };
  };
}

describe('every page in every state', { skip: withoutBrowser }, () => {
  let browser: Browser;
  const servers: PagesServer[] = [];
  before(async () => {
    console.log(`looks by seed ${seed}: npm run test:browser -- --seed=${seed}`);
    mkdirSync(FOLDER, { recursive: true });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    for (const server of servers) await server.close();
  });
  const nextLook = looksFrom(seed);
  for (const state of PAGE_STATES)
    describe(state, () => {
      let server: PagesServer;
      let incident: string | undefined;
      before(async () => {
        const world = await pageState(state);
        incident = world.incidentId;
        server = await servePages(world);
        servers.push(server);
      });
      for (const { path } of PAGES) {
        if (STATELESS.has(path) && state !== 'fine') continue;
        if (path.startsWith('/incidents/{id}') && !hasIncident(state)) continue;
        const looks = isAll && FOREMOST.has(path) ? LOOKS : [nextLook()];
        for (const look of looks)
          it(`${path} at ${look.width} px, ${look.scheme}, ${look.hasScript ? 'with' : 'without'} script`, async () => {
            const name = `${path.replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'home'}-${state}-${look.width}-${look.scheme}${look.hasScript ? '' : '-no-script'}`;
            await visit(browser, server, { path: path.replace('{id}', idFor(path, incident)), look, name });
          });
      }
    });
});

function hasIncident(state: PageState): boolean {
  return state !== 'fine' && state !== 'unknown' && state !== 'gap';
}

function idFor(path: string, incident: string | undefined): string {
  if (path.startsWith('/policies/')) return policyKey(policyId('sales-eu'));
  if (path.startsWith('/vaults/')) return 'kv-eu';
  if (path.startsWith('/environments/')) return '00000000-0000-4000-8000-000000000000';
  return incident ?? '';
}

async function visit(
  browser: Browser,
  { origin }: PagesServer,
  { path, look, name }: { path: string; look: Look; name: string },
): Promise<void> {
  const { width, scheme, hasScript } = look;
  const tab = await openTab(browser, origin, {
    viewport: { width, height: width < 700 ? 844 : 1000 },
    colorScheme: scheme,
  });
  try {
    // Without scripts axe could not run either, so the page's own script is taken out of it.
    if (!hasScript)
      await tab.page.route(`${origin}/**`, async (route) => {
        const response = await route.fetch();
        await route.fulfill({
          response,
          body: (await response.text()).replace(/<script>.*?<\/script>/s, ''),
        });
      });
    await tab.page.goto(`${origin}${path}`);
    await tab.page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true });
    await assertNoSideScroll(tab.page, name);
    await assertAccessible(tab.page, name);
    assertQuiet(tab, name);
  } finally {
    await tab.close();
  }
}
