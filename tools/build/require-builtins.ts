import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

/**
 * Takes Node's own modules by `require`. Where one is imported, Node reads each of its exports to copy them (Node docs,
 * "ECMAScript modules: Builtin modules"), and those of `node:http` load undici, which nothing needs before the first
 * notice: a fifth of what a cold process does besides waiting.
 */
export const requireBuiltins: Plugin = {
  name: 'require-builtins',
  setup(build) {
    build.onResolve({ filter: /^[a-z]/ }, ({ path, namespace, kind }) => {
      if (!isBuiltin(path)) return undefined;
      const name = path.startsWith('node:') ? path : `node:${path}`;
      // A dynamic import of what esbuild takes for CommonJS has no exports but `default`.
      const isLeft = namespace === NAMESPACE || kind === 'dynamic-import';
      return isLeft ? { path: name, external: true } : { path: name, namespace: NAMESPACE };
    });
    build.onLoad({ filter: /^/, namespace: NAMESPACE }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      loader: 'js',
    }));
  },
};
const NAMESPACE = 'builtin';
