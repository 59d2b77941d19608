import { TRIGGERS } from '../../shared/triggers/register.ts';
import type { PreviewAnswer } from './preview-offline.ts';
import { findingsOf, oneLine } from './preview-words.ts';

/** SARIF 2.1.0 (OASIS), with the properties that GitHub's code scanning needs. */
export function toSarif(answer: PreviewAnswer, file: string): string {
  const uri = file === '-' ? 'plan.json' : file.replaceAll('\\', '/').replace(/^(?:[A-Za-z]:)?\/+/, '');
  const result = (
    ruleId: string,
    level: 'error' | 'warning' | 'note',
    text: string,
    addresses: readonly string[],
  ) => ({
    ruleId,
    level,
    message: { text: oneLine(text, 2000) },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: encodeURI(uri) }, region: { startLine: 1 } },
        logicalLocations: addresses.map((address) => ({
          fullyQualifiedName: oneLine(address),
          kind: 'resource',
        })),
      },
    ],
  });
  const results = answer.policies.flatMap((policy) => [
    ...findingsOf(policy).map(({ trigger, verdict, summary, changes, at }) =>
      result(
        trigger,
        verdict === 'revoked' ? 'error' : 'warning',
        `${policy.name}: ${at === undefined ? '' : `on ${at}, `}${summary} ${policy.environments.length} environments are linked to it.`,
        changes,
      ),
    ),
    ...policy.cannotJudge.map(({ address, because }) =>
      result('not-judged', 'warning', `${policy.name}: ${because}`, address === undefined ? [] : [address]),
    ),
    ...policy.refused.map(({ address, because }) =>
      result('refused-by-azure', 'note', `${policy.name}: ${because}`, [address]),
    ),
  ]);
  const whole = answer.cannotJudge.map(({ address, because }) =>
    result('not-judged', 'warning', because, address === undefined ? [] : [address]),
  );
  const rules = [
    ...TRIGGERS.map(({ id, words, link }) => ({ id, shortDescription: { text: words }, helpUri: link })),
    { id: 'not-judged', shortDescription: { text: 'A change whose effect is not known' } },
    { id: 'refused-by-azure', shortDescription: { text: 'A change that Azure refuses' } },
  ];
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'Lockwatch', rules } }, results: [...results, ...whole] }],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}
