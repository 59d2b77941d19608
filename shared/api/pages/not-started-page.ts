import { apiAddress } from '../alternate.ts';
import type { Answer } from '../problem.ts';
import { errorPage, type PageProblem } from './error-page.ts';

/** Every page of an app that can't start, with the words of its answer in JSON. */
export function notStartedPage({ body }: Answer, asked: string, deployment?: string): Promise<Answer> {
  const url = new URL(asked);
  const { type, ...problem }: PageProblem & { type: string } = JSON.parse(body);
  // The app's own page of the documents can't be shown either.
  return errorPage(type.startsWith('/') ? problem : { ...problem, type }, {
    url,
    deployment,
    jsonAddress: apiAddress(url),
  });
}
