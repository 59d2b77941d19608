/** A person's answer about the first channel, or the steps for the person where nobody could be asked. */
export type FirstChannel = { teamsWebhookUrl: string } | { note: string } | undefined;

const BY_HAND =
  'No channel has its secret yet, so the app will stand still until it has: put the Teams webhook into its vault after provisioning (docs/operations.md, "Rotate the Teams URL"), or set LOCKWATCH_TEAMS_WEBHOOK_URL before.';

/**
 * A deployment without a working channel could notify nobody, and the app refuses to start. So if Teams is
 * wanted, its secret is missing, no other channel exists and nothing is deployed yet, a person is asked;
 * `ask` undefined: no person is present. Asks again after an answer that is not an https address; an empty
 * answer means that the person does it by hand.
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
