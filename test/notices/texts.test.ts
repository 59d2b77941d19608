import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { teamsBody } from '../../shared/notices/card.ts';
import { emailContent } from '../../shared/notices/email.ts';
import type { Notice } from '../../shared/notices/notice.ts';
import { say } from '../../shared/notices/say.ts';
import { aNotice, anEnvironment, anIncident, causeOf, SAY, VAULT, vaultDeleted } from './a-notice.ts';

/** Read by a person when they change: `UPDATE_TEXTS=1 node --test test/notices/texts.test.ts`, then the diff. */
const FOLDER = join(import.meta.dirname, 'texts');
const UPDATES = process.env.UPDATE_TEXTS === '1';

const NAMED = [
  anEnvironment(1, { displayName: 'Contoso Sales' }),
  anEnvironment(2, { displayName: 'Contoso Test', sku: 'Sandbox', deletedAt: '2025-11-30T02:13:52.000Z' }),
  anEnvironment(3, {
    displayName: 'Contoso (default)',
    sku: 'Default',
    deletedAt: '2025-11-30T02:13:52.000Z',
    deletionIsGuess: true,
  }),
];

const CASES: Record<string, Notice> = {
  opened: aNotice('opened', [anIncident('ep-contoso', {}, NAMED)]),
  suspected: aNotice('suspected', [
    anIncident(
      'ep-contoso',
      {
        state: 'suspected',
        environmentsSource: 'inventory',
        environmentsAsOf: '2025-11-20T08:00:00.000Z',
        causes: [
          causeOf({
            trigger: 'public-access-disabled',
            verdict: 'suspected',
            summary:
              "The vault's public access is disabled and trusted services may still pass: the documentation calls this supported on one page and a lock on another.",
            evidence: [
              {
                text: 'Key vault: publicNetworkAccess = Disabled, bypass = AzureServices',
                readAt: '2025-11-23T02:13:52.000Z',
              },
            ],
            undo: [
              {
                text: 'Enable public access of the vault kv-contoso again.',
                command:
                  'az keyvault update --name kv-contoso --resource-group rg-keys --public-network-access Enabled',
                portal: 'Key vaults → kv-contoso → Networking',
              },
            ],
            scope: VAULT,
          }),
        ],
      },
      NAMED.slice(0, 2),
    ),
  ]),
  worsened: aNotice(
    'worsened',
    ['ep-contoso', 'ep-fabrikam'].map((name, index) =>
      anIncident(
        name,
        {
          causes: [causeOf(vaultDeleted(name))],
          actedAt: '2025-11-23T02:13:45.000Z',
          actor: {
            kind: 'user',
            name: 'eve@contoso.com',
            objectId: '99999999-8888-7777-6666-555555555555',
            ipAddress: '203.0.113.7',
          },
        },
        index === 0 ? NAMED.slice(0, 2) : [anEnvironment(9, { displayName: 'Fabrikam HR' })],
      ),
    ),
  ),
  'access-restored': aNotice(
    'accessRestored',
    [
      anIncident('ep-contoso', { state: 'accessRestored', accessRestoredAt: '2025-11-23T03:20:00.000Z' }, [
        anEnvironment(1, { displayName: 'Contoso Sales', state: 'awaitingReEnable' }),
        anEnvironment(2, { displayName: 'Contoso Test', sku: 'Sandbox', state: 'enabled' }),
        anEnvironment(3, { displayName: 'Contoso Dev', sku: 'Developer', state: 'unknown' }),
      ]),
    ],
    { at: '2025-11-23T03:20:01.000Z' },
  ),
};

for (const [name, notice] of Object.entries(CASES)) {
  test(`what admins read when it is ${name}: the email and the card, word for word`, () => {
    const message = say(notice, SAY);
    const { subject, text } = emailContent(message);
    isAsReviewed(`${name}.email.txt`, `Subject: ${subject}\n\n${text}`);
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
