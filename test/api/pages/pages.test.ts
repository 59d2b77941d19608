import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PAGE_CONTENT_POLICY } from '../../../shared/api/pages/layout.ts';
import type { ShownIncident } from '../../../shared/api/pages/message.ts';
import { PAGES } from '../../../shared/api/pages/register.ts';
import { say } from '../../../shared/notices/say/say.ts';
import { nastyText } from '../../notices/nasty-text.ts';
import { withHostileNames } from './hostile-names.ts';
import { askedOf, assertOwnMarkup, LINKS, rendered, textOf, VIEWER } from './page-html.ts';
import { PAGE_STATES, pageState, type StateWorld } from './page-states.ts';

const states = new Map<string, StateWorld>();
for (const state of PAGE_STATES) states.set(state, await pageState(state));
const worldOf = (state: string) => states.get(state) ?? assert.fail(state);
const nowIn = (state: string) => worldOf(state).world.clock.now();

async function home(state: string, more: Parameters<typeof rendered>[2] = {}): Promise<string> {
  return rendered('/', await askedOf('/status', worldOf(state).ports), { now: nowIn(state), ...more });
}
async function incidentIn(state: string): Promise<ShownIncident> {
  const { incidentId, ports } = worldOf(state);
  return askedOf(`/incidents/${incidentId}`, ports);
}
async function incident(state: string, more: Parameters<typeof rendered>[2] = {}): Promise<string> {
  const path = `/incidents/${worldOf(state).incidentId}`;
  return rendered('/incidents/{id}', await incidentIn(state), { now: nowIn(state), path, ...more });
}

describe('the home page', () => {
  for (const [state, sentence] of [
    ['fine', /All 8 environments can use their keys\. Checked/],
    ['suspected', /6 environments may be offline\. It is not certain\. 2 environments can use their keys\./],
    [
      'down',
      /6 environments are offline since 10:01 UTC because the key cmk of vault kv-eu was disabled\. The first may be deleted in 7 days\./,
    ],
    ['unknown', /Whether 6 environments can use their keys is not known\./],
    ['restored', /Access is back for 6 environments, and a person must enable each of them again\./],
    ['closed', /All 8 environments can use their keys\./],
  ] as const)
    it(`says in a sentence that is true what is the case: ${state}`, async () => {
      const page = await home(state);
      assert.match(textOf(page), sentence);
      assertOwnMarkup(page);
    });

  it('never calls unknown fine or offline, by word or by its mark', async () => {
    const banner = /<section id="top" class="banner (\w+)"/.exec(await home('unknown'))?.[1];
    assert.equal(banner, 'unknown');
    const text = textOf(await home('unknown'));
    assert.doesNotMatch(text, /All \d+ environments can use/);
    assert.doesNotMatch(text, /offline since/);
  });

  it('says that nothing is watched yet, and not that all is well', async () => {
    const empty = { ...(await askedOf<object>('/status', worldOf('fine').ports)), policies: [], asOf: null };
    const text = textOf(await rendered('/', empty));
    assert.match(text, /Not known No policy is watched yet\./);
    assert.doesNotMatch(text, /Fine/);
  });

  it('refreshes every 3 seconds while something is open, otherwise every minute', async () => {
    assert.match(await home('down'), /data-refresh="3"/);
    assert.match(await home('fine'), /data-refresh="60"/);
  });

  it('draws the broken link of a vault, and says the same in a table', async () => {
    const page = await home('down');
    assert.match(page, /broken at the key \(key disabled\) for 2 of them\./);
    assert.match(textOf(page), /finance-eu cmk 3 Offline broken at the key: key disabled/);
    assert.doesNotMatch(await home('fine'), /class="link broken"|class="mark"/);
  });
});

describe('the incident page', () => {
  it('says first what is down, since when, why, by when, and the first command', async () => {
    const text = textOf(await incident('down'));
    const firstScreen = text.slice(text.indexOf('Offline'), text.indexOf('How to undo it'));
    for (const part of [
      '3 environments offline: key disabled (key cmk of vault kv-eu)',
      'Since Fri 20 Nov 2026, 10:01 UTC',
      'Why The key cmk is disabled: none of its versions is enabled.',
      'May be deleted in 7 days: Fri 27 Nov 2026, 10:01 UTC , an estimate',
      'az keyvault key set-attributes --vault-name kv-eu --name cmk',
    ])
      assert.ok(firstScreen.includes(part), `${part}\n${firstScreen}`);
  });

  it('shows the time that is left as a full bar, and an id that the command has in its first digits alone', async () => {
    const page = await incident('down');
    const [, version = ''] = /--version ([0-9a-f]{32})/.exec(page) ?? [];
    assert.match(textOf(page), new RegExp(`Enable the version ${version.slice(0, 8)}… of the key cmk\\.`));
    assert.ok(page.includes(`--version ${version} `), 'the command has it whole');
    const bars = [...page.matchAll(/<rect class="left" width="(\d+)"/g)].map(([, width]) => Number(width));
    assert.ok(bars.length >= 2 && bars.every((width) => width >= 99), `${bars}`);
    assert.match(page, /aria-label="Time to save them: 7 days of 7 days left"/);
    assert.match(textOf(page), /When they may be deleted/);
  });

  it('has the words of the notice in every state', async () => {
    for (const [state, words] of [
      ['suspected', /May be offline .* 3 environments may be locked: vault deleted \(vault kv-eu\)/],
      ['restored', /Access is back, now enable 3 environments/],
      ['closed', /Closed .* Closed: policy \S+, after \d+/],
    ] as const)
      assert.match(textOf(await incident(state)), words);
  });

  it('offers to enable all environments by command once access is back, after the admin center', async () => {
    const text = textOf(await incident('restored'));
    assert.match(text, /Re-enable environment.*Dry run.*ValidateOnly=true.*Then enable them/s);
    assert.doesNotMatch(textOf(await incident('down')), /ValidateOnly/);
  });

  it('names every notice with its delivery, in the timeline', async () => {
    const text = textOf(await incident('restored'));
    assert.match(text, /Lockwatch reported: access is back\. sent email at .*sent teams at/);
    assert.match(text, /Operation .*Microsoft\.Authorization\/roleAssignments\/delete by eve@contoso\.com/);
  });

  it('offers what the viewer may do, as plain forms to its own address', async () => {
    const page = await incident('down');
    const path = `/incidents/${worldOf('down').incidentId}`;
    for (const action of ['acknowledge', 'silence', 'supportCase', 'check', 'close'])
      assert.match(page, new RegExp(`<form class="fields" method="post" action="${path}" id="${action}">`));
    for (const [form] of page.matchAll(/<form[^>]*method="post"[^>]*>/g))
      assert.ok(form.includes(`action="${path}"`), form);
  });

  it('offers a reader nothing that would be refused, and says why', async () => {
    const page = await incident('down', { viewer: { ...VIEWER, mayAct: false } });
    assert.doesNotMatch(page, /who-can/, 'a reader does not learn who could take it down');
    const { incidentId } = worldOf('down');
    assert.match(await incident('down'), new RegExp(`href="/who-can\\?incident=${incidentId}"`));
    assert.doesNotMatch(page, /method="post"/);
    assert.match(textOf(page), /You may read this, not act on it\./);
  });

  it('asks for a name only where no sign-in gives it, and lets sessions of keys end', async () => {
    assert.doesNotMatch(await incident('down'), /name="by"|sign-out/);
    const page = await incident('down', { viewer: { mayAct: true, mode: 'keys' } });
    assert.match(page, /name="by"/);
    assert.match(page, /value="sign-out"/);
  });

  it('offers nothing to do once it is closed', async () => {
    assert.doesNotMatch(await incident('closed'), /method="post"/);
  });

  it('shows why a form was not taken, and never repeats a text that an address brings', async () => {
    const detail = "'until' is past already: give a time to come.";
    assert.match(
      textOf(
        await incident('down', {
          asked: { problem: { form: 'silence', field: 'until', detail, typed: {} } },
        }),
      ),
      /It was not done\. 'until' is past already/,
    );
    assert.match(textOf(await incident('down', { asked: { done: 'acknowledge' } })), /You have it now\./);
    assert.doesNotMatch(await incident('down', { asked: { done: 'Call 555-0100' } }), /555-0100/);
  });

  it('finds and pages its environments', async () => {
    const answer = await incidentIn('down');
    const [first] = answer.environments;
    assert.ok(first);
    const many = Array.from({ length: 120 }, (_, n) => ({
      ...first,
      id: `e${n}`,
      displayName: `Number ${n}`,
    }));
    const shown = { ...answer, environments: many, environmentCount: 120 };
    const page = (query: string) => rendered('/incidents/{id}', shown, { query, path: '/incidents/x' });
    assert.equal((await page('')).match(/href="\/environments\//g)?.length, 50);
    assert.match(textOf(await page('page=3')), /101 to 120 of 120 environments/);
    assert.match(textOf(await page('page=999')), /101 to 120 of 120 environments/);
    assert.equal((await page('find=number%20119')).match(/href="\/environments\//g)?.length, 1);
    assert.match(textOf(await page('find=nothing')), /No environment of this incident matches\./);
    assert.match(textOf(await page('state=enabled')), /No environment of this incident matches\./);
  });
});

describe('every page', () => {
  it('has the hashes of its style sheet and its script in its Content-Security-Policy', async () => {
    const page = await home('fine');
    for (const [, tag, text] of page.matchAll(/<(style|script)>(.*?)<\/\1>/gs)) {
      const hash = createHash('sha256')
        .update(text ?? '')
        .digest('base64');
      assert.ok(PAGE_CONTENT_POLICY.includes(`${tag}-src 'sha256-${hash}'`), tag);
    }
    assert.match(PAGE_CONTENT_POLICY, /^default-src 'none'/);
    assert.doesNotMatch(PAGE_CONTENT_POLICY, /unsafe/);
  });

  it('executes no name and keeps its markup, whatever a name contains', async () => {
    const { ports, incidentId } = worldOf('down');
    const acted = { at: nowIn('down'), by: { name: 'x' }, why: 'x' };
    const answers: [path: string, answer: object][] = [];
    // The API's own description holds nothing from outside.
    for (const { path } of PAGES.filter((page) => page.path !== '/docs')) {
      // Its answer needs the rights of a whole tenant: who-can.test.ts has it.
      if (path === '/who-can') continue;
      const query = path === '/blast-radius' ? '?vault=kv-eu' : '';
      const at = path === '/' ? '/status' : `${path.replace('{id}', idIn(path))}${query}`;
      const answer = await askedOf<object>(at, ports);
      answers.push([
        path,
        path === '/incidents/{id}'
          ? {
              ...answer,
              acknowledged: acted,
              silence: { ...acted, from: 'x', until: 'x' },
              supportCase: { ...acted, number: 'x' },
              actor: { kind: 'user', name: 'x', application: 'x', ipAddress: 'x' },
            }
          : answer,
      ]);
    }
    await fc.assert(
      fc.asyncProperty(nastyText, async (name) => {
        const context = {
          viewer: { ...VIEWER, name },
          deployment: name,
          query: `find=${encodeURIComponent(name.toWellFormed())}`,
        };
        for (const [path, answer] of answers) {
          const page = await rendered(
            path,
            withHostileNames(answer, () => name),
            { ...context, path: path.replace('{id}', 'x') },
          );
          assertOwnMarkup(page);
          const turn = page.search(/[\u202a-\u202e\u2066-\u2069]/u);
          assert.equal(turn < 0 ? '' : page.slice(Math.max(0, turn - 60), turn + 1), '', path);
          assert.equal(page.match(/<h1/g)?.length, 1, path);
        }
      }),
      { numRuns: 60, examples: [['שלום \u202egnp.exe\u202c'], ['<script>alert(1)</script>']] },
    );
    function idIn(path: string): string {
      if (path.startsWith('/policies')) return 'sales-eu';
      if (path.startsWith('/vaults')) return 'kv-eu';
      return path.startsWith('/environments') ? '00000000-0000-4000-8000-000000000000' : (incidentId ?? '');
    }
  });

  it('cuts a name of 10,000 characters', async () => {
    const status = await askedOf<{ policies: object[] }>('/status', worldOf('down').ports);
    const policies = status.policies.map((policy) => ({
      ...policy,
      name: 'W'.repeat(10_000),
      keyName: 'k'.repeat(10_000),
    }));
    assert.ok((await rendered('/', { ...status, policies })).length < 60_000);
  });
});

describe('the words of the incident page', () => {
  it('are those of the notice about the same incident, in every state', async () => {
    for (const state of ['suspected', 'down', 'restored', 'closed'] as const) {
      const { world, incidentId } = worldOf(state);
      const newest = world.channels[0]?.sent.findLast(({ incidents }) =>
        incidents.some((one) => one.incident.id === incidentId),
      );
      const own = newest?.incidents.find((one) => one.incident.id === incidentId);
      const stored = await world.ports.store.readIncident(incidentId ?? '');
      assert.ok(newest && own && stored);
      const environments = await world.ports.store.listEnvironments(stored);
      const at = newest.reason === 'closed' ? newest.at : nowIn(state);
      const incidents = [{ ...own, incident: stored, environments }];
      const { title } = say({ ...newest, at, incidents }, LINKS);
      assert.ok(
        textOf(await incident(state)).includes(title.replace(/^Reminder, /, '')),
        `${state}: ${title}`,
      );
    }
  });
});
