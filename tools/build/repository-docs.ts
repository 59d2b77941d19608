import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The address of docs/ in the public repository that package.json names; undefined where it names none. */
export function repositoryDocs(packageJson: { repository?: string | { url?: string } }): string | undefined {
  const { repository } = packageJson;
  const text = typeof repository === 'string' ? repository : repository?.url;
  const [, name] =
    /^(?:github:|(?:git\+)?https:\/\/github\.com\/)?([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(text ?? '') ?? [];
  return name === undefined ? undefined : `https://github.com/${name}/blob/HEAD/docs`;
}

/** The same, for this checkout. */
export function ownRepositoryDocs(): string | undefined {
  return repositoryDocs(JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')));
}
