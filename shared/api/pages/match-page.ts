import { patternOf, withoutSlashes } from '../match-endpoint.ts';
import type { Page } from './page.ts';
import { PAGES } from './register.ts';

export interface PageMatch {
  page: Page<never>;
  /** The `{id}` of the path, as it is in the address; empty where the path has none. */
  encodedId: string;
}

/** The page of an address, in any case, with or without a slash at the end. */
export function matchPage(pathname: string): PageMatch | undefined {
  const path = pathname === '/' ? '/' : withoutSlashes(pathname);
  for (const { page, pattern } of PATTERNS) {
    const found = pattern.exec(path);
    if (found) return { page, encodedId: found.groups?.id ?? '' };
  }
  return undefined;
}

/** An id may hold slashes, so the longer path is tried first. */
const PATTERNS = [...PAGES]
  .sort((a, b) => b.path.length - a.path.length)
  .map((page) => ({ page, pattern: patternOf(page.path) }));
