import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** One zip of these files by their paths, sorted by name; the same files and time give the same bytes. */
export async function zipOf(files: ReadonlyMap<string, Buffer>, at: Date): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    zip.addBuffer(content, path, { mtime: inUtc(at), mode: 0o100644, forceDosTimestamp: true });
  zip.end();
  return buffer(zip.outputStream);
}

/** A zip stores a local time without its zone: this one reads as UTC wherever it is written. */
function inUtc(at: Date): Date {
  return new Date(at.getTime() + at.getTimezoneOffset() * 60_000);
}
