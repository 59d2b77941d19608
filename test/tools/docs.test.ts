import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DOCUMENTS, TABLES, withTables } from '../../tools/docs.ts';

for (const document of DOCUMENTS)
  test(`the tables of ${document} are those that the code makes (npm run docs)`, async () => {
    const text = await readDocument(document);
    assert.equal(withTables(text), text);
  });

test('every table is in exactly one document', async () => {
  const texts = await Promise.all(DOCUMENTS.map(readDocument));
  for (const name of Object.keys(TABLES)) {
    const holders = texts.filter((text) => text.includes(`<!-- table: ${name} -->`));
    assert.equal(holders.length, 1, name);
  }
});

test('every row of a table has as many cells as its head', () => {
  for (const [name, table] of Object.entries(TABLES)) {
    const rows = table()
      .split('\n')
      .filter((line) => line.startsWith('|'));
    const widths = new Set(rows.map((row) => row.split('|').length));
    assert.equal(widths.size, 1, name);
    assert.ok(rows.length > 2, name);
  }
});

test('a block that no table is made for is a fault, with the names of those that there are', () => {
  assert.throws(() => withTables('<!-- table: moon -->\n<!-- end -->'), /no table 'moon'.*settings/);
});

function readDocument(document: string): Promise<string> {
  return readFile(join(import.meta.dirname, '../..', document), 'utf8');
}
