import type { IncomingMessage } from 'node:http';

// The defaults of Kestrel, which azure-functions-host leaves as they are (src/WebJobs.Script.WebHost/Program.cs):
// aspnetcore, KestrelServerLimits.MaxRequestLineSize and MaxRequestHeadersTotalSize.
const MAX_LINE_BYTES = 8 * 1024;
const MAX_HEADER_BYTES = 32 * 1024;
/** The most that Node may read, so that a longer line than Kestrel's is still answered as by Kestrel. */
export const MAX_READ_BYTES = 1024 * 1024;

/**
 * The status with which the web server refuses a request by its first lines, before any routing: undefined
 * where it does not.
 * Sources: aspnetcore, src/Servers/Kestrel/Core/src: Internal/Http/Http1Connection.cs (TakeStartLine,
 * OnOriginFormTarget), CoreStrings.resx; src/Shared/UrlDecoder/UrlDecoder.cs ("The path contains null
 * characters.").
 */
export function refusalByLimits({
  method,
  url = '/',
  httpVersion,
  rawHeaders,
}: IncomingMessage): number | undefined {
  const line = `${method} ${url} HTTP/${httpVersion}\r\n`;
  if (Buffer.byteLength(line, 'latin1') > MAX_LINE_BYTES) return 414;
  // Each field stands with a colon, a space and the end of its line.
  const headerBytes = rawHeaders.reduce((sum, text) => sum + Buffer.byteLength(text, 'latin1') + 2, 0);
  if (headerBytes > MAX_HEADER_BYTES) return 431;
  const [path = ''] = url.split('?', 1);
  return path.includes('%00') ? 400 : undefined;
}
