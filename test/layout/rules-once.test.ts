import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { modulesUnder } from './modules.ts';

const ROOT = join(import.meta.dirname, '../..');

interface Rule {
  breaks(text: string): boolean;
  /** Where it is implemented, and why a module besides that one may look alike. */
  allowed: Readonly<Record<string, string>>;
  planted: readonly string[];
}

/** Rules that each exist once. A second implementation is found by what it must contain. */
const RULES: Readonly<Record<string, Rule>> = {
  'a write under an ETag is tried again by decideAndCommit or updateUnderEtag': {
    breaks: (text) => loopsOf(text).some((loop) => WRITES.test(loop)),
    allowed: {
      'shared/pipeline/decide-and-commit.ts': 'states: read, decide, commit',
      'shared/storage/update-under-etag.ts': 'single rows: read, change, write',
      'shared/storage/environment-list.ts': 'one batch after the other, each tried once: it stops at 412',
    },
    planted: [
      "async function f() {\n  for (;;) {\n    if ((await g()).outcome === 'conflict') continue;\n    return;\n  }\n}\n",
      'async function f() {\n  while (true) {\n    if ((await ask(x, y, [412])).value) return;\n  }\n}\n',
      'async function f() {\n  for (let n = 0; n < 3; n += 1) {\n    if (await store.commit(t, etag, rows)) return;\n  }\n}\n',
      'async function f() {\n  for (const n of tries) {\n    const done = await commitTransition(t, stored);\n  }\n}\n',
      'async function f() {\n  do {\n    done = await table.updateEntity(row, mode, { etag });\n  } while (!done);\n}\n',
    ],
  },
  'the history is updated once for each reading': {
    breaks: (text) => /\bupdateHistory\(/.test(text),
    allowed: {
      'shared/triggers/remember.ts': 'its definition',
      'shared/pipeline/decide-on-reading.ts': 'the one caller for readings',
      'shared/preview/chain.ts': 'a reading for a preview, which is not stored',
      'shared/pipeline/count-principals.ts':
        'whether a reading shows a loss, before it is decided on; not stored',
    },
    planted: ['const memory = updateHistory(history, facts);\n'],
  },
  'the name of a policy and its vault are each derived in one place': {
    breaks: (text) =>
      /\bpolicy\?\.name \?\?/.test(text) ||
      /\bvault\?\.id \?\? (?:[\w.?]+\.)?policy\?\.vaultId\b/.test(text) ||
      /[iI]d\.split\('\/'\)\.at\(-1\) (?:\?\?|\|\|)/.test(text),
    allowed: {
      'shared/triggers/policy-chain.ts': 'names and vaults from the history',
      'shared/triggers/subject.ts': 'this reading comes before the history',
    },
    planted: [
      'const name = history.policy?.name ?? policyId;\n',
      'const id = policyState.history.vault?.id ?? policyState.history.policy?.vaultId;\n',
      "const name = known?.policyName ?? (policyId.split('/').at(-1) || policyId);\n",
    ],
  },
};

const WRITES = /\b4(?:12|09)\b|'conflict'|\bcommit\w*\(|\.(?:updateEntity|createEntity|submitTransaction)\(/;

const modules = modulesUnder('shared', 'functions').map(({ path }) => ({
  path,
  text: readFileSync(join(ROOT, path), 'utf8'),
}));

for (const [title, { breaks, allowed, planted }] of Object.entries(RULES)) {
  test(title, () => {
    assert.ok(modules.length > 200, `only ${modules.length} modules were seen`);
    const found = modules.filter(({ text }) => breaks(text)).map(({ path }) => path);
    // Both ways: a reason that is no longer needed is removed with what needed it.
    assert.deepEqual(found.sort(), Object.keys(allowed).sort());
    for (const text of planted) assert.ok(breaks(text), text);
  });
}

/** The loops of a module. Biome formats every file alike, so a loop ends at the bracket under its first word. */
function loopsOf(text: string): string[] {
  return [...text.matchAll(/^( *)(?:for|while|do)\b.*\{\n(?:(?!\1\}).*\n)*?\1\}/gm)].map(([loop]) => loop);
}
