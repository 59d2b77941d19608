import type { Plugin } from 'esbuild';

/**
 * Takes `node:http` by `require`. Where it is imported, Node reads each of its exports to copy them (Node docs,
 * "ECMAScript modules: Builtin modules"), and some of those load undici, which nothing needs before the first notice.
 */
export const requireHttp: Plugin = {
  name: 'require-http',
  setup(build) {
    build.onResolve({ filter: /^(?:node:)?http$/ }, ({ namespace, kind }) =>
      // A dynamic import of what esbuild takes for CommonJS has no exports but `default`.
      namespace === NAMESPACE || kind === 'dynamic-import'
        ? { path: 'node:http', external: true }
        : { path: 'node:http', namespace: NAMESPACE },
    );
    build.onLoad({ filter: /^/, namespace: NAMESPACE }, () => ({
      contents: "module.exports = require('node:http');",
      loader: 'js',
    }));
  },
};
const NAMESPACE = 'builtin';
