/** The header in which a script may name the person, where there is no sign-in. */
export const BY_HEADER = 'x-lockwatch-by';

type Header = (name: string) => string | null;

/**
 * Whether a browser says that a page of another site sent this request. `Sec-Fetch-Site` and `Origin` are
 * forbidden header names, which no page can set; other clients send neither. A browser without Fetch Metadata
 * still sends `Origin` with a POST, and `null` where it hides it.
 * Sources: "Fetch Metadata Request Headers", W3C; Fetch standard, "Forbidden request-header" and `Origin`
 * header.
 */
export function isFromAnotherSite(header: Header, publicUrl: string | undefined): boolean {
  const fetchSite = header('sec-fetch-site');
  if (fetchSite !== null && fetchSite !== 'same-origin' && fetchSite !== 'none') return true;
  const origin = header('origin');
  return origin !== null && !isOwnOrigin(origin, header('host'), publicUrl);
}

/**
 * Whether a page of our own sent this form. A browser sends `Origin` with every POST, and hides it (`null`) only
 * where a page's referrer policy says so, which ours does not. What sends none is no browser, and has the API.
 * Source: Fetch standard, "Append a request `Origin` header".
 */
export function isFromOwnPage(header: Header, publicUrl: string | undefined): boolean {
  const origin = header('origin');
  const fetchSite = header('sec-fetch-site');
  return (
    origin !== null &&
    isOwnOrigin(origin, header('host'), publicUrl) &&
    (fetchSite === null || fetchSite === 'same-origin')
  );
}

/**
 * Whether an HTML form of another site could not have sent this request: a browser asks first (CORS preflight)
 * before it sends this content type or a header of ours, and nothing here answers such a question. A body
 * proves nothing: a form can send an empty one.
 * Source: Fetch standard, "CORS-safelisted request-header".
 */
export function isBeyondForms(header: Header): boolean {
  return isJsonType(header('content-type')) || (header(BY_HEADER) ?? '').trim() !== '';
}

export function isJsonType(contentType: string | null): boolean {
  return /^application\/json\s*(;|$)/i.test(contentType ?? '');
}

/** Only hosts are compared: TLS ends at the platform's front end, so the app is not told the scheme. */
function isOwnOrigin(origin: string, host: string | null, publicUrl: string | undefined): boolean {
  const from = hostOf(origin);
  if (from === undefined) return false;
  return (host !== null && from === hostOf(`${schemeOf(origin)}//${host}`)) || from === hostOf(publicUrl);
}

function hostOf(address: string | undefined): string | undefined {
  return address !== undefined && URL.canParse(address) ? new URL(address).host || undefined : undefined;
}

/** The default port depends on the scheme: the browser leaves it out of both headers. */
function schemeOf(origin: string): string {
  return new URL(origin).protocol;
}
