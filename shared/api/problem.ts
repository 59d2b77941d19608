/** The response of the HTTP functions to the runtime. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Problem details, RFC 9457: `detail` names the field at fault and the remediation. */
export function problem(
  status: number,
  title: string,
  detail: string,
  more: Record<string, unknown> = {},
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: JSON.stringify({ type: 'about:blank', status, title, detail, ...more }),
  };
}
