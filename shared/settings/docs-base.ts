/** Where the repository of this build has its documents; the build sets it from package.json (tools/build/bundle.ts). */
declare const REPOSITORY_DOCS: string | undefined;

/** Base address of the documents, without a slash at its end. Undefined: only the app's own page has them. */
export function docsBase({ docsUrl }: { docsUrl?: string | undefined }): string | undefined {
  const built = typeof REPOSITORY_DOCS === 'undefined' ? undefined : REPOSITORY_DOCS;
  return (docsUrl ?? built)?.replace(/\/+$/, '');
}
