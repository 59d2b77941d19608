import { CliError, type Rest } from './cli.ts';

/** Time, as needed for waiting; virtual in tests. */
export interface WaitClock {
  now(): number;
  sleep(ms: number): Promise<unknown>;
}

const PATIENCE_MS = 60_000;
const PAUSE_MS = 5_000;

/**
 * Microsoft Graph's refusals of a reference to an object that was created seconds ago and is not replicated
 * yet. Each is matched narrowly: any other refusal is final.
 */
const NOT_REPLICATED: readonly RegExp[] = [
  // The application or service principal itself (microsoftgraph/msgraph-sdk-dotnet#3108).
  /Request_ResourceNotFound|Directory_ObjectNotFound|\bNot Found\(/,
  // The scope for which a client is pre-authorised (microsoftgraph/microsoft-graph-docs-contrib#1395).
  /InvalidValue.*cannot be found in the AppPermissions sets/s,
  // The application of a service principal; the same error also comes as 403
  // (hashicorp/vault-plugin-secrets-azure#8 and #49).
  /NoBackingApplicationObject|does not reference a valid application object/,
  /backing application of the service principal being created must/,
];

/**
 * Requests to Microsoft Graph, repeated for up to a minute while the referenced objects are not replicated.
 */
export function awaitReplication(rest: Rest, clock: WaitClock): Rest {
  const repeat = async <Answer>(request: () => Promise<Answer>): Promise<Answer> => {
    const end = clock.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await request();
      } catch (error) {
        if (!isNotReplicated(error)) throw error;
        if (clock.now() + PAUSE_MS > end)
          throw new CliError(`${error.message}\nMicrosoft Graph still answers this after a minute.`, {
            cause: error,
          });
      }
      await clock.sleep(PAUSE_MS);
    }
  };
  return {
    get: (url) => repeat(() => rest.get(url)),
    list: (url) => repeat(() => rest.list(url)),
    send: (method, url, body, headers) => repeat(() => rest.send(method, url, body, headers)),
  };
}

export function isNotReplicated(error: unknown): error is CliError {
  return error instanceof CliError && NOT_REPLICATED.some((pattern) => pattern.test(error.message));
}
