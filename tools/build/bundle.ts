import type { BuildOptions } from 'esbuild';
import { ownRepositoryDocs } from './repository-docs.ts';
import { requireHttp } from './require-http.ts';

/** The bundling of the app. Comparison builds (test/bench) use the same options. */
export const BUNDLE = {
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  minify: true,
  keepNames: true,
  metafile: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  mainFields: ['module', 'main'],
  external: ['@azure/functions-core'],
  plugins: [requireHttp],
  define: {
    // Read in shared/settings/docs-base.ts.
    REPOSITORY_DOCS: JSON.stringify(ownRepositoryDocs()) ?? 'undefined',
    // Nothing here sends a form. The SDKs ask of each request whether it is one, and the first such question makes Node
    // load undici.
    FormData: 'undefined',
  },
  legalComments: 'none',
  // The worker supplies the core module only through Module.prototype.require, and bundled CommonJS needs
  // these names.
  banner: {
    js: "import{createRequire as __lwRequire}from'node:module';const require=__lwRequire(import.meta.url),__filename=import.meta.filename,__dirname=import.meta.dirname;",
  },
  logLevel: 'warning',
} satisfies BuildOptions;
