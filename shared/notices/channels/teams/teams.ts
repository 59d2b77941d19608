import type { Channel } from '../../notice.ts';
import { teamsBody } from '../../render/card.ts';
import { FULL } from '../../render/card-elements.ts';
import { type SayOptions, say } from '../../say/say.ts';
import { type HttpAnswer, type Meaning, post } from '../http/http-post.ts';
import { retiredAddress } from '../http/retired-host.ts';
import type { SendPost } from '../http/send-post.ts';

export interface TeamsOptions {
  /** Stable: 'teams', or 'teams-ops' if there are several. */
  name?: string;
  /** The Workflows webhook. Its query contains a signature: no result contains more of it than the host. */
  url: string;
  /** The setting that holds the address; error messages name it. */
  setting?: string;
  say: SayOptions;
  /** The timeout of one try, in milliseconds. */
  timeoutMs?: number;
  fetch?: SendPost;
}

/**
 * Posts a card to a Teams Workflows webhook. Throws at once if the address is invalid; sending never throws.
 */
export function createTeamsChannel({
  name = 'teams',
  url,
  setting = 'LOCKWATCH_TEAMS_WEBHOOK_URL',
  say: options,
  timeoutMs = 10_000,
  fetch,
}: TeamsOptions): Channel {
  if (!URL.canParse(url)) throw new Error(`${setting} is not a URL (its value is not shown).`);
  return {
    name,
    warning: retiredAddress(url, setting, true),
    async send(notice, abort) {
      const result = await post({
        url,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(teamsBody(say(notice, { ...options, maxNamed: FULL.environments }))),
        abort,
        timeoutMs,
        setting,
        fetch,
        meaning: (status, code) => meaningOf(status, code, setting),
        refusal: (answer) => refusalOf(answer, setting),
      });
      // Workflows answers before it posts the card (Teams docs: Incoming webhooks with Workflows).
      return result.outcome === 'sent'
        ? { ...result, detail: result.detail.replace(/\.$/, '; Workflows does not confirm delivery.') }
        : result;
    },
  };
}

/**
 * 202 is the answer of a workflow, and 200 that of a connector, which answers 200 even where Teams refused the
 * message: then the body is a sentence that says so (msteams-docs 7425, 1810, 400).
 */
function refusalOf({ status, text }: HttpAnswer, setting: string): Meaning | undefined {
  if (status === 202) return undefined;
  const code = /HTTP error (\d{3})/i.exec(text)?.[1];
  if (code === '413') return { permanent: true, why: 'Teams refuses the card, and would refuse it again.' };
  if (code === '429') return { permanent: false, why: 'Teams is busy for now.' };
  if (
    status === 200 &&
    !/\b(errors?|fail(ed|ure)?|invalid|denied|refused|unauthorized|not found|bad payload|required)\b/i.test(
      text,
    )
  )
    return undefined;
  return { permanent: false, why: `the card was not posted. Check the channel, and ${setting}.` };
}

function meaningOf(status: number, code: string | undefined, setting: string): Meaning | undefined {
  // A workflow that is off or suspended answers 400 as well, and can be turned on again.
  if (status === 400 && /NotEnabled|Disabled|Suspended/i.test(code ?? ''))
    return { permanent: false, why: 'the workflow is turned off. Turn it on in Power Automate.' };
  // The trigger "When a Teams webhook request is received", or an address that lost its signature
  // (wazuh-teams-workflows 4).
  if (code === 'DirectApiAuthorizationRequired')
    return {
      permanent: false,
      why: `the flow takes no requests without a sign-in. In its trigger, set “Who can trigger the flow?” to Anyone, and copy the address into ${setting} whole, with what follows the ?.`,
    };
  if (status === 401 || status === 403 || status === 404 || status === 410)
    return {
      permanent: false,
      why: `the webhook is wrong, was made anew or was deleted. Check ${setting}.`,
    };
  return undefined;
}
