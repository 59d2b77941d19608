import type { Facts } from '../../shared/facts/facts.ts';
import type { Channel } from '../../shared/notices/notice.ts';
import type { Check } from './report.ts';
import type { DoctorSettings } from './settings.ts';

/** The channels that would be notified, by name only: nothing is sent, and no address is shown. Pure. */
export function channelChecks(
  known: DoctorSettings,
  chains: readonly Facts[],
  made: readonly Pick<Channel, 'name' | 'warning'>[] = [],
): Check[] {
  const { channels, inVault, firstLook } = known;
  const check = (id: string, state: Check['state'], says: string): Check => ({
    about: 'channels',
    id,
    state,
    says,
  });
  if (channels.length === 0)
    return [
      check(
        'channels',
        'note',
        firstLook ? 'Not looked at: no channel is in the settings given.' : 'No channel is set.',
      ),
    ];
  const checks = [
    check('channels', 'ok', `Set: ${channels.join(', ')}. Whether they deliver: npm run notify:test.`),
  ];
  for (const { name, warning } of made)
    if (warning !== undefined) checks.push(check(name, 'missing', warning));
  if (inVault.length > 0)
    checks.push(
      check('channels', 'note', `Kept in a vault, and so not checked from here: ${inVault.join(', ')}.`),
    );
  const isTeams = (name: string) => name === 'teams' || name.startsWith('teams-');
  if (channels.every(isTeams))
    checks.push(check('teams', 'note', 'Teams is the only channel: if it fails, nobody is notified.'));
  const standard = channels.some(isTeams) ? defaultEnvironment(chains) : undefined;
  if (standard)
    checks.push(
      check(
        'teams',
        'note',
        `The workflows that post to Teams run in the default environment (${standard}), which uses a watched key: Teams goes down with it. Keep a second channel.`,
      ),
    );
  return checks;
}

function defaultEnvironment(chains: readonly Facts[]): string | undefined {
  const all = chains.flatMap(({ environments }) =>
    environments.state === 'known' ? environments.value.environments : [],
  );
  return all.find(({ sku }) => sku.toLowerCase() === 'default')?.displayName;
}
