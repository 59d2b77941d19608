import { apiAddress } from '../alternate.ts';
import type { Answer } from '../problem.ts';
import { errorPage } from './error-page.ts';

/** Every page of an app that can't start, with the words of its answer in JSON. */
export function notStartedPage({ body }: Answer, asked: string): Promise<Answer> {
  const url = new URL(asked);
  return errorPage(JSON.parse(body), { url, jsonAddress: apiAddress(url) });
}
