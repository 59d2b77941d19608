/** What a person answered about the first channel, or what they must do where nobody could be asked. */
export type FirstChannel = { teamsWebhookUrl: string } | { note: string } | undefined;

const BY_HAND =
  'No channel has its secret yet, so the app will stand still until it has: put the Teams webhook into its vault after provisioning (docs/operations.md, "Rotate the Teams URL"), or set LOCKWATCH_TEAMS_WEBHOOK_URL before.';

/**
 * A deployment without a channel that works could tell nobody, and the app refuses to start. So where Teams is wanted,
 * its secret not given, no other channel there and nothing deployed yet, a person is asked; `ask` undefined: nobody is
 * there to answer. Asks again for what is no https address; an empty answer means that they do it by hand.
 */
export async function firstChannel(
  environment: Readonly<Record<string, string | undefined>>,
  ask: ((question: string) => Promise<string>) | undefined,
): Promise<FirstChannel> {
  const given = (name: string) => environment[name]?.trim() || undefined;
  const isTeamsWanted = given('LOCKWATCH_TEAMS') !== 'false';
  const hasOther = (given('LOCKWATCH_EMAIL_BY') ?? 'none') !== 'none';
  const isThere = given('LOCKWATCH_TEAMS_WEBHOOK_URL') !== undefined || given('LOCKWATCH_URL') !== undefined;
  if (!isTeamsWanted || hasOther || isThere) return undefined;
  if (!ask) return { note: BY_HAND };
  for (;;) {
    const answer = (
      await ask('Teams: the address of the Workflows webhook (empty: you put it into the vault yourself): ')
    ).trim();
    if (answer === '') return { note: BY_HAND };
    if (URL.canParse(answer) && new URL(answer).protocol === 'https:') return { teamsWebhookUrl: answer };
  }
}
