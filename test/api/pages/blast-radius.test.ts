import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PRINCIPAL } from '../../triggers/a-reading.ts';
import { askedOf, assertOwnMarkup, rendered, textOf } from './page-html.ts';
import { type PageState, pageState } from './page-states.ts';

async function shown(state: PageState, query = 'vault=kv-eu'): Promise<string> {
  const { ports, world } = await pageState(state);
  const answer = await askedOf(`/blast-radius?${query}`, ports);
  return rendered('/blast-radius', answer, { query, now: world.clock.now() });
}
const bannerOf = (page: string) => /<section id="top" class="banner (\w+)"/.exec(page)?.[1];

describe('the page of a blast radius', () => {
  it('says first how many environments can go down, then by which operation', async () => {
    const page = await shown('fine');
    const text = textOf(page);
    assert.match(
      text,
      /Can go down key vault What would take kv-eu down \d+ operations would take up to 6 environments of 2 policies offline/,
    );
    assert.match(
      text,
      /Delete the key vault kv-eu Goes down 6 environments of 2 policies Deleting the key vault/,
    );
    assert.ok(text.indexOf('Which operation') < text.indexOf('By policy'));
    assert.equal(bannerOf(page), 'suspected');
    assertOwnMarkup(page);
  });

  it('says of what is down that it is down, and does not count it again', async () => {
    const page = await shown('down');
    assert.match(textOf(page), /Down already key vault What would take kv-eu down It is down already/);
    assert.match(textOf(page), /It is down now: Disabling the encryption key/);
    assert.equal(bannerOf(page), 'down');
  });

  it('never calls unknown fine', async () => {
    const text = textOf(await shown('unknown', 'key=kv-eu/keys/cmk'));
    assert.match(text, /Not known/);
    assert.doesNotMatch(text, /Stays up/);
    assert.match(text, /Whether it is up now is not known/);
  });

  it('names no principal', async () => {
    assert.ok(!(await shown('fine')).includes(PRINCIPAL));
  });
});
