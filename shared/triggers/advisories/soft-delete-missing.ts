import { azCommand } from '../az-command.ts';
import { SOFT_DELETE_PAGE } from '../links.ts';
import { subjectOf } from '../subject.ts';
import type { Advisory } from './advisory.ts';
import { absent, present, unknownAdvisory, unreadableAdvisory } from './make-advisory.ts';

/**
 * A vault created before soft delete became the default, and unchanged since: anything deleted there is lost
 * at once.
 */
export const softDeleteMissing: Advisory = {
  id: 'soft-delete-missing',
  words: 'The key vault has no soft delete: a deleted key can not be recovered',
  link: SOFT_DELETE_PAGE,
  severities: ['urgent'],
  judge(facts, history) {
    const subject = subjectOf(facts, history);
    const scope = subject.vaultId ?? facts.policyId;
    const { vault } = facts;
    if (vault.state !== 'known')
      return unreadableAdvisory(softDeleteMissing, scope, 'Whether the vault has soft delete is', vault);
    const { softDelete, name } = vault.value;
    const evidence = [
      {
        text: `Key vault: enableSoftDelete = ${softDelete ?? 'not told'}`,
        source: scope,
        readAt: vault.readAt,
      },
    ];
    if (softDelete === undefined) {
      return unknownAdvisory(
        softDeleteMissing,
        scope,
        `Azure does not tell whether the vault ${name} has soft delete.`,
        evidence,
      );
    }
    if (softDelete) return absent(softDeleteMissing, scope, `The vault ${name} has soft delete.`, evidence);
    return present(softDeleteMissing, scope, {
      summary: `The vault ${name} has no soft delete: a key deleted in it is lost at once, and with it the data of every environment.`,
      evidence,
      remediation: [
        {
          text: `Turn on soft delete for ${name}. It can not be turned off again, and a customer-managed key needs it.`,
          command: azCommand(
            'resource update',
            ['--ids', subject.vaultId],
            ['--set', 'properties.enableSoftDelete=true'],
          ),
          portal: `Key vaults → ${name} → Settings → Properties → Soft-delete → Enable recovery → Save`,
          link: SOFT_DELETE_PAGE,
        },
      ],
    });
  },
};
