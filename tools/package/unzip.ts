import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';

/** Unpacks a zip into a folder. Returns the paths of its files. Throws where it is not a zip. */
export async function unzip(zip: Buffer, directory: string): Promise<string[]> {
  const file = await opened(zip);
  const paths: string[] = [];
  for (let entry = await next(file); entry; entry = await next(file)) {
    paths.push(entry.fileName);
    const target = join(directory, entry.fileName);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, await contentOf(file, entry));
  }
  return paths;
}

function opened(zip: Buffer): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    // It refuses names that lead out of the folder by itself.
    fromBuffer(zip, { lazyEntries: true }, (error, file) => (file ? resolve(file) : reject(error)));
  });
}

function next(file: ZipFile): Promise<Entry | undefined> {
  return new Promise((resolve, reject) => {
    file.removeAllListeners();
    file
      .once('entry', resolve)
      .once('end', () => resolve(undefined))
      .once('error', reject);
    file.readEntry();
  });
}

function contentOf(file: ZipFile, entry: Entry): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    file.openReadStream(entry, (error, stream) => {
      if (stream) buffer(stream).then(resolve, reject);
      else reject(error);
    });
  });
}
