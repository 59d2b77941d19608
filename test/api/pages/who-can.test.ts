import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { newSession } from '../../../shared/api/access/session.ts';
import { servePage } from '../../../shared/api/pages/serve-page.ts';
import type { PagePorts } from '../../../shared/api/pages/show-page.ts';
import { normalId } from '../../../shared/azure/arm-id.ts';
import { sessionStore } from '../../../shared/storage/sessions.ts';
import { nastyText } from '../../notices/nasty-text.ts';
import { policyId, VAULT_GONE } from '../../pipeline/a-world.ts';
import { SUBSCRIPTION } from '../../triggers/a-reading.ts';
import { principalHeader } from '../access/principal-header.ts';
import { look } from '../actions/post.ts';
import { contoso } from '../contoso.ts';
import { withHostileNames } from './hostile-names.ts';
import { assertOwnMarkup, LINKS, rendered, textOf } from './page-html.ts';
import { pageState } from './page-states.ts';

type Contoso = Awaited<ReturnType<typeof contoso>>;

async function answered({ ask }: Contoso, query: string) {
  const { status, json } = await ask(`?${query}`);
  assert.equal(status, 200, JSON.stringify(json));
  return json;
}

async function shown(site: Contoso, query: string, change = (answer: object) => answer): Promise<string> {
  const answer = change(await answered(site, query));
  return rendered('/who-can', answer, { query, now: site.world.clock.now() });
}

/** The list with this operation among its headings. */
function listOf(page: string, title: string): string {
  const found = page.split('<section').find((one) => one.includes(`<h3>${title}`));
  return textOf(`<section${found ?? assert.fail(`no list for ${title}`)}`);
}

async function withIncident(site: Contoso): Promise<string> {
  site.world.observedState.set(normalId(policyId('p1')), VAULT_GONE);
  await look(site.world, 'p1');
  const [incident] = await site.world.ports.store.listIncidents();
  return incident?.id ?? assert.fail('no incident');
}

/** A visit as the server answers it. */
async function visited(
  site: Pick<Contoso, 'world' | 'ports'>,
  access: PagePorts['access'],
  headers: Record<string, string> = {},
  path = '/who-can?policy=p1',
) {
  const { world, ports: read } = site;
  const sent = new Headers({ host: 'localhost', ...headers });
  const ports: PagePorts = {
    ...world.ports,
    access,
    isInAzure: false,
    sessions: async () => sessionStore(async () => world.tables.readModel),
    read,
    links: LINKS,
  };
  const request = {
    method: 'GET',
    url: `http://localhost${path}`,
    header: (name: string) => sent.get(name),
    body: async () => new Uint8Array(),
  };
  return world.clock.drive(servePage(request, ports));
}

describe('the page of who can take environments down', () => {
  it('lists for each operation who holds the right, and by which role at which place', async () => {
    const page = await shown(await contoso(), 'policy=p1');
    const text = textOf(page);
    assert.match(
      text,
      /Who can take policy ep-finance down 7 principals hold the right to at least one operation: 7 now/,
    );
    assert.match(
      listOf(page, 'Delete the key vault'),
      /Can do it now: 5 dana\.whitfield@contoso\.example person, \S+ Owner at management group contoso/,
    );
    const keys = listOf(page, 'Delete the key<');
    assert.match(keys, /Can do it now: 1 \S+ person Key Vault Crypto Officer at key cmk-finance/);
    assert.match(
      keys,
      /Can do it in two steps: they give themselves the right first: 5 .*Owner at subscription/,
    );
    assert.match(
      keys,
      /Which rights are needed .*Microsoft\.KeyVault\/vaults\/keys\/delete at \/subscriptions\//,
    );
    assertOwnMarkup(page);
  });

  it('shows a list once for all operations that the same principals can do', async () => {
    const page = await shown(await contoso(), 'policy=p1');
    assert.match(
      listOf(page, 'Delete the key vault'),
      /Close the vault's network.*Delete the key vault Which rights/,
    );
    const vaultContributor = /Key Vault Contributor at resource group rg-keys-eu/g;
    assert.equal(textOf(page).match(vaultContributor)?.length, 1);
  });

  it('says what refuses an operation at present, and shows a condition without judging it', async () => {
    const page = await shown(await contoso(), 'policy=p1');
    const text = textOf(page);
    assert.match(text, /Purge the deleted key Refused at present Purge protection of the vault/);
    assert.match(
      text,
      /Delete the enterprise policy Refused at present Azure, while environments are linked/,
    );
    assert.match(
      text,
      /User Access Administrator at subscription \S+ Under a condition, which is not judged \(\(!\(ActionMatches/,
    );
  });

  it('marks groups, eligible roles and entries of access policies', async () => {
    const site = await contoso(['ep-apps', 'ep-sales']);
    const apps = textOf(await shown(site, 'policy=p1'));
    assert.match(apps, /One of them is a group/);
    assert.match(apps, /group : everyone in it Key Vault Administrator at resource group rg-keys-apps/);
    const americas = textOf(await shown(site, 'policy=p2'));
    assert.match(
      americas,
      /Can do it after activating a role that they are eligible for: 1 \S+ person Owner \(eligible\) at subscription/,
    );
    assert.match(americas, /the access policy does not say which Access policy at key vault kv-contoso-us/);
  });

  it('names the policies where a vault has several, and who is in no list', async () => {
    const page = await shown(await contoso(), 'vault=kv-eu');
    const text = textOf(page);
    assert.match(text, /Who can take key vault kv-eu down/);
    assert.match(listOf(page, 'Delete the key vault'), /Delete the key vault Of every policy/);
    assert.match(text, /Delete the enterprise policy Of ep-(?:finance|people)/);
    assert.match(text, /Who is not in these lists .*Members of a group.*Lighthouse.*Global Administrators/);
  });

  it('begins with who can help, where an incident asks', async () => {
    const site = await contoso();
    const id = await withIncident(site);
    const page = await shown(site, `incident=${id}`);
    const text = textOf(page);
    assert.match(
      text,
      /Who can help with policy ep-finance now \d+ principals hold the right to at least one step/,
    );
    assert.ok(text.indexOf('Recover the deleted key vault') < text.indexOf('Who could take it offline'));
    assert.match(text, /Re-enable the environments in the Power Platform admin center/);
    assert.ok(page.includes(`href="/incidents/${id}"`), 'and leads back to it');
  });

  it('calls a list that may be short unknown, and never says that nobody can', async () => {
    const unread = (answer: object) => ({
      ...answer,
      operations: [
        {
          operation: 'delete-vault',
          title: 'Delete the key vault',
          triggers: ['vault-deleted'],
          policyIds: [],
          refusedBy: [],
          needs: ['x'],
          unknown: 'The role assignments were refused with 403.',
          holders: [],
        },
      ],
      principals: [],
    });
    const page = await shown(await contoso(), 'policy=p1', unread);
    assert.match(page, /<section id="top" class="banner unknown"/);
    const text = textOf(page);
    assert.match(
      text,
      /May be short The role assignments were refused with 403\. Who it is could not be read\./,
    );
    assert.doesNotMatch(text, /Nobody/);
  });

  it('stays bounded where hundreds of principals hold each right', async () => {
    const site = await contoso();
    const many = (answer: object) => {
      const { operations } = answer as { operations: { holders: object[] }[] };
      const grown = operations.map((one, n) => ({
        ...one,
        holders: Array.from({ length: 800 }, (_, m) => ({ ...one.holders[0], principalId: `p-${n}-${m}` })),
      }));
      return { ...answer, operations: grown };
    };
    const page = await shown(site, 'policy=p1', many);
    assert.match(textOf(page), /775 more principals, whom the API lists/);
    assert.match(textOf(page), /1 to 10 of \d+ lists Next/);
    assert.ok(page.length < 300_000, `${page.length}`);
  });

  it('executes no name and keeps its markup, whatever a name contains', async () => {
    const site = await contoso();
    const answer = await answered(site, `incident=${await withIncident(site)}`);
    await fc.assert(
      fc.asyncProperty(nastyText, async (name) => {
        const page = await rendered(
          '/who-can',
          withHostileNames(answer, () => name),
          { query: `vault=${encodeURIComponent(name.toWellFormed())}` },
        );
        assertOwnMarkup(page);
        assert.equal(page.match(/<h1/g)?.length, 1);
        assert.deepEqual([...page.matchAll(/.{0,60}[\u202a-\u202e\u2066-\u2069]/gu)].map(String), []);
      }),
      { numRuns: 40, examples: [['<script>alert(1)</script>'], ['x"onload="y']] },
    );
  });
});

describe('who may open the page of who can take environments down', () => {
  const entra = (role: string) => ({ 'x-ms-client-principal': principalHeader({ roles: [role] }) });
  const aSession = async ({ world }: Contoso, mayAct: boolean) => {
    const now = world.clock.now();
    const { id, session } = newSession(mayAct, now);
    await sessionStore(async () => world.tables.readModel).open(session, now);
    return { cookie: `lockwatch-local=${id}` };
  };

  it('is an operator, and in the mode of keys who signed in with a key that may act', async () => {
    const site = await contoso();
    for (const [access, headers] of [
      ['entra', entra('Lockwatch.Operator')],
      ['keys', await aSession(site, true)],
      ['none', {}],
    ] as const) {
      const { status, body } = await visited(site, access, headers);
      assert.equal(status, 200, access);
      assert.match(body, /Key Vault Crypto Officer/);
      assert.match(body, /<a href="\/who-can"[^>]*>Who can do it<\/a>/, 'the navigation leads there');
    }
  });

  it('is nobody else: a reader learns no name, and is told what to do instead', async () => {
    const site = await contoso();
    for (const [access, headers, words] of [
      ['entra', entra('Lockwatch.Reader'), /it needs the app role Lockwatch\.Operator/],
      ['keys', await aSession(site, false), /sign in with a key of the function actions/],
    ] as const)
      for (const path of [
        '/who-can?policy=p1',
        '/who-can',
        '/WHO-CAN/?vault=kv-eu',
        '/who-can?about=policy&name=p1',
      ]) {
        const { status, body } = await visited(site, access, headers, path);
        assert.equal(status, 403, `${access} ${path}`);
        assert.match(textOf(body), words);
        assert.doesNotMatch(body, /Crypto Officer|>Who can do it<\/a>/);
      }
    assert.equal(site.sessions(), 0, 'nothing was read for them');
    assert.equal((await visited(site, 'entra')).status, 401);
    assert.equal((await visited(site, 'keys')).status, 401);
  });

  it('is led there from the blast radius only where it opens', async () => {
    const site = await pageState('fine');
    const of = (role: string, path: string) => visited(site, 'entra', entra(role), path);
    for (const [query, link] of [
      ['vault=kv-eu', /href="\/who-can\?vault=kv-eu">Who can do it\?/],
      ['policy=sales-eu', /href="\/who-can\?policy=[0-9a-f]+">Who can do it\?/],
      [`subscription=${SUBSCRIPTION}`, /href="\/who-can">Who can take environments down</],
    ] as const) {
      const { body } = await of('Lockwatch.Operator', `/blast-radius?${query}`);
      assert.ok(link.test(body), `${query}: ${textOf(body).slice(0, 500)}`);
      const reader = await of('Lockwatch.Reader', `/blast-radius?${query}`);
      assert.equal(reader.status, 200);
      assert.ok(!reader.body.includes('who-can'), query);
    }
  });
});
