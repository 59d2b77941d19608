import * as z from 'zod';

/** Within single or double quotes, every shell takes these characters as they are; no Azure id needs another. */
const plain = z.string().regex(/^[\p{L}\p{N} ._()/:@+=,-]+$/u);

const schema = z.object({
  environmentName: plain,
  cloud: z.enum(['public', 'gcc', 'gcchigh', 'dod', 'china']),
  location: plain,
  tags: z.record(z.string(), z.string()),
  readingRole: z.enum(['custom', 'Reader', 'managementGroup']),
  subscriptions: z.array(plain),
  eventsGroup: plain,
  /** Of every event subscription and diagnostic setting. */
  name: plain,
  storageId: plain,
  queue: plain,
  deadLetters: plain,
  workspaceId: plain,
  sources: z.array(z.object({ id: plain, location: plain, topicId: plain, reused: z.boolean() })),
  audit: z.array(z.object({ id: plain, ruleId: plain, hub: plain })),
});

/** What a deployment with separate duties leaves to the owners: the output LOCKWATCH_OWNER_TASKS of infra/main.bicep. */
export type OwnerTasks = z.infer<typeof schema>;

/** The output is missing, or has another form: a deployment of another version. */
export class OwnerTasksError extends Error {
  override readonly name = 'OwnerTasksError';
}

const AGAIN =
  'Deploy with LOCKWATCH_SEPARATE_DUTIES=true first, by the same version of Lockwatch; then: azd env get-values --output json | npm run -s doctor -- --grants --settings -';

/**
 * The identity of the app, and the tasks, from what `azd env get-values --output json` prints, or from the outputs of a
 * deployment, whose names Azure writes in another case. Throws `OwnerTasksError`.
 */
export function ownerTasksFrom(text: string): { identity: string; tasks: OwnerTasks } {
  const values = valuesIn(text);
  const identity = values.get('LOCKWATCH_IDENTITY_PRINCIPAL_ID') ?? '';
  const tasks = values.get('LOCKWATCH_OWNER_TASKS') ?? '';
  if (!/^[0-9a-f-]{36}$/i.test(identity) || tasks === '')
    throw new OwnerTasksError(
      `LOCKWATCH_IDENTITY_PRINCIPAL_ID or LOCKWATCH_OWNER_TASKS is missing. ${AGAIN}`,
    );
  try {
    return { identity, tasks: schema.parse(JSON.parse(tasks)) };
  } catch (cause) {
    throw new OwnerTasksError(`LOCKWATCH_OWNER_TASKS has another form than expected. ${AGAIN}`, { cause });
  }
}

/** azd keeps channels' secrets among its values, so the text is never part of an error. */
function valuesIn(text: string): Map<string, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new OwnerTasksError(`The file is not JSON. ${AGAIN}`);
  }
  return new Map(
    Object.entries(Object(json)).flatMap(([name, given]) => {
      const value = typeof given === 'string' ? given : Object(given).value;
      return typeof value === 'string' ? [[name.toUpperCase(), value.trim()] as const] : [];
    }),
  );
}
