import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A command failed, or its program is missing. Its message holds the program's output. */
export class CliError extends Error {
  override readonly name = 'CliError';
}

/** Runs the Azure CLI or the Azure Developer CLI, with the person's own sign-in, and returns its output. */
export type Cli = (program: 'az' | 'azd', args: readonly string[]) => Promise<string>;

/** The real one. Throws `CliError`. */
export const cli: Cli = (program, args) =>
  new Promise((resolve, reject) => {
    // On Windows `az` is a script, which only a shell starts; none of the arguments here contains a double
    // quote.
    const shell = process.platform === 'win32' && program === 'az';
    const words = shell ? args.map((word) => `"${word}"`) : [...args];
    execFile(program, words, { shell, maxBuffer: 32 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const missing = error.code === 'ENOENT' ? `${program} is not on the path. Install it and sign in.` : '';
      reject(
        new CliError(
          missing || `${program} ${args.slice(0, 3).join(' ')}: ${stderr.trim() || error.message}`,
        ),
      );
    });
  });

export interface Rest {
  get(url: string): Promise<unknown>;
  /** Every page of a list. */
  list(url: string): Promise<unknown[]>;
  send(
    method: 'post' | 'patch' | 'put',
    url: string,
    body: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<unknown>;
}

/**
 * REST with the person's own token: `az rest` adds it, and accepts a path for Resource Manager of the current
 * cloud.
 */
export function restBy(run: Cli): Rest {
  const get = async (url: string): Promise<unknown> =>
    JSON.parse(await run('az', ['rest', '--method', 'get', '--url', url, '--output', 'json']));
  return {
    get,
    async list(url) {
      const items: unknown[] = [];
      for (let next: string | undefined = url; next !== undefined; ) {
        const page: unknown = await get(next);
        items.push(...listIn(page, 'value'));
        next = textIn(page, 'nextLink') ?? textIn(page, '@odata.nextLink');
      }
      return items;
    },
    async send(method, url, body, headers = {}) {
      // A file, since every shell quotes JSON differently.
      const directory = await mkdtemp(join(tmpdir(), 'lockwatch-deploy-'));
      try {
        const file = join(directory, 'body.json');
        await writeFile(file, JSON.stringify(body));
        const args = ['rest', '--method', method, '--url', url, '--body', `@${file}`];
        const all = Object.entries({ 'Content-Type': 'application/json', ...headers });
        const text = await run('az', [
          ...args,
          '--headers',
          ...all.map(([name, value]) => `${name}=${value}`),
          '--output',
          'json',
        ]);
        return text.trim() === '' ? undefined : JSON.parse(text);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

/** The value at this path of an answer, at any depth; undefined where the path ends earlier. */
export function valueIn(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

export function textIn(value: unknown, ...path: string[]): string | undefined {
  const found = valueIn(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

export function listIn(value: unknown, ...path: string[]): unknown[] {
  const found = valueIn(value, ...path);
  return Array.isArray(found) ? found : [];
}
