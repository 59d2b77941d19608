import type { Notice } from '../notice.ts';
import type { MessageStep } from './message.ts';
import { count } from './words.ts';

/** One command holds this many ids; those that were enabled leave the list, so that the next notice has others. */
const MAX_IDS = 200;

/**
 * One loop over all environments that wait to be enabled: first a dry run, then the same without it (Power Platform
 * REST: Environment State, Enable Environment). Whether it lifts a lock by key is not published, so the admin
 * center is named before it. None where the cloud's address of the API is not published. Pure.
 */
export function enableSteps({ incidents }: Notice, apiEndpoint: string | undefined): MessageStep[] {
  const all = incidents.flatMap(({ incident, environments }) =>
    environments
      .filter(({ state }) => state !== 'enabled' && state !== 'deleted')
      .map(({ id }) => id)
      .filter((id) => ID.test(id) && incident.environmentsLeft?.includes(id) !== true),
  );
  if (apiEndpoint === undefined || all.length === 0 || incidents.some(({ incident }) => incident.drill))
    return [];
  const ids = [...new Set(all)];
  const shown = ids.slice(0, MAX_IDS);
  const those =
    shown.length < ids.length
      ? `the first ${shown.length} of ${count(ids.length, 'environment')} (once they are enabled, the page of the incident has the next)`
      : count(shown.length, 'environment');
  return [
    {
      text: `Dry run, in bash, after az login --scope ${apiEndpoint}/.default (in Azure Cloud Shell, too): lists ${those}, and asks of each whether it could be enabled. It changes nothing. It needs read access to the enterprise policy; which role the API wants besides is not published, so sign in as Power Platform Administrator.`,
      command: loop(shown, apiEndpoint, '&ValidateOnly=true'),
    },
    {
      text: 'Then enable them. The API is a preview, and not proven for environments that were locked by their key. Where it fails, use the admin center.',
      command: loop(shown, apiEndpoint, ''),
    },
  ];
}

/** Ids are untrusted: the default environment's begins with a word, the others are GUIDs. */
const ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,79}$/;
function loop(ids: readonly string[], apiEndpoint: string, parameters: string): string {
  const url = `${apiEndpoint}/environmentmanagement/environments/$id/Enable?api-version=2024-10-01${parameters}`;
  const body = `'{"reason":"Access to the encryption key is back"}'`;
  return `for id in ${ids.join(' ')}; do echo "$id"; az rest --method post --resource ${apiEndpoint} --url "${url}" --body ${body}; done`;
}
