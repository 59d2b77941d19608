import { createHash } from 'node:crypto';
import { withLink } from '../alternate.ts';
import type { Answer } from '../problem.ts';
import type { Html } from './page.ts';

/**
 * Headers of every page. With the referrer policy `no-referrer` a browser would send `Origin: null` with our own
 * forms; a page is kept by no cache, since it shows what only some may read.
 * Sources: Fetch standard, "Append a request `Origin` header"; OWASP, "HTTP Security Response Headers Cheat Sheet".
 */
const SECURITY = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'same-origin',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** One page as an answer. `jsonAddress`: where the same is in JSON. */
export async function pageAnswer(
  page: Html,
  { status = 200, policy, jsonAddress }: { status?: number; policy: string; jsonAddress?: string },
): Promise<Answer> {
  const headers = { ...SECURITY, 'content-security-policy': policy };
  return {
    status,
    headers:
      jsonAddress === undefined
        ? headers
        : withLink(headers, `<${jsonAddress}>; rel="alternate"; type="application/json"`),
    body: `${await page}`,
  };
}

/** After a form: the browser asks for that page, so that loading it again sends nothing twice. */
export function seeOther(location: string): Answer {
  const { 'content-type': _type, ...headers } = SECURITY;
  return { status: 303, headers: { ...headers, location }, body: '' };
}

/**
 * A page's own style sheet and script by their hashes, and nothing else: nothing inline, nothing from elsewhere.
 * `anyStyle`: the page shows mails, which bring style attributes of their own.
 */
export function contentPolicy({
  style,
  script,
}: {
  style: string | { anyStyle: true };
  script?: string;
}): string {
  return [
    "default-src 'none'",
    `style-src ${typeof style === 'string' ? hashOf(style) : "'unsafe-inline'"}`,
    ...(script === undefined ? [] : [`script-src ${hashOf(script)}`]),
    "connect-src 'self'",
    'img-src data:',
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
