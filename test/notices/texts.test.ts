import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { teamsBody } from '../../shared/notices/render/card.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { SAY } from './a-notice.ts';
import { CASES } from './texts-cases.ts';

/** Read by a person when they change: `UPDATE_TEXTS=1 npm test -- test/notices/texts.test.ts`, then the diff. */
const FOLDER = join(import.meta.dirname, 'texts');
const UPDATES = process.env.UPDATE_TEXTS === '1';

/** The form of a card differs little from one to the next: those of these are kept whole. */
const CARDS = new Set(['opened', 'suspected', 'worsened', 'access-restored', 'drill', 'undelivered']);
/** Summer and winter time differ here, and so do the days. */
const BERLIN = { ...SAY, timeZone: 'Europe/Berlin' };

for (const [name, notice] of Object.entries(CASES)) {
  test(`what admins read when it is ${name}: the email and the card, word for word`, () => {
    const message = say(notice, BERLIN);
    const { subject, text } = emailContent(message);
    isAsReviewed(`${name}.email.txt`, `Subject: ${subject}\nToast: ${message.summary}\n\n${text}`);
    if (CARDS.has(name))
      isAsReviewed(`${name}.card.snapshot.json`, `${JSON.stringify(teamsBody(message), undefined, 2)}\n`);
  });
}

function isAsReviewed(file: string, text: string): void {
  const path = join(FOLDER, file);
  if (UPDATES) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path, text);
  }
  assert.equal(text, readFileSync(path, 'utf8'));
}
