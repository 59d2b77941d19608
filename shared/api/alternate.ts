import type { Answer } from './problem.ts';

/** Endpoints that no page renders. */
const WITHOUT_PAGE = /^\/(facts|session)$/i;
/** Every other page has the path of its endpoint. */
const OTHER_PATHS = [
  { page: '/', api: '/status' },
  { page: '/docs', api: '/openapi.json' },
];

/** The address of the same answer in JSON. */
export function apiAddress(page: URL): string {
  const other = OTHER_PATHS.find(({ page: path }) => path === page.pathname.toLowerCase());
  return `/api${other?.api ?? page.pathname}${queryOf(page)}`;
}

/** An answer to a GET in JSON names its page, which is at the same address without /api. */
export function withPageLink(answer: Answer, asked: string): Answer {
  const url = new URL(asked);
  const path = url.pathname.replace(/^\/api(?=\/|$)/i, '').replace(/(?<=.)\/$/, '');
  if ((answer.status !== 200 && answer.status !== 304) || WITHOUT_PAGE.test(path)) return answer;
  const other = OTHER_PATHS.find(({ api }) => api === path.toLowerCase());
  const page = `${other?.page ?? path}${queryOf(url)}`;
  return { ...answer, headers: withLink(answer.headers, `<${page}>; rel="alternate"; type="text/html"`) };
}

/** RFC 8288, section 3.5: several links are one list. */
export function withLink(headers: Record<string, string>, link: string): Record<string, string> {
  return { ...headers, link: headers.link === undefined ? link : `${headers.link}, ${link}` };
}

/** No key is handed on: `code` is how the platform takes one in an address. */
function queryOf({ searchParams }: URL): string {
  const parameters = [...searchParams].filter(([name]) => name.toLowerCase() !== 'code' && name !== 'done');
  return parameters.length === 0 ? '' : `?${new URLSearchParams(parameters)}`;
}
