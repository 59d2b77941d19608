import asyncHooks from 'node:async_hooks';

/**
 * Loaded before the tests of each process. Node's runner finds the test that an error belongs to by a hook on every
 * promise, and that costs as much CPU as the tests themselves: the whole run took twice as long. Here an
 * `AsyncLocalStorage`, which costs next to nothing, finds the same test. Without this module (`node --test`), or with
 * a version of Node that does it in another way, the tests run the same, only slower.
 */
const { AsyncResource, createHook, executionAsyncId } = asyncHooks;
const running = new asyncHooks.AsyncLocalStorage<number>();
let register: asyncHooks.HookCallbacks['init'];

/** What the runner's tests, suites and hooks extend. */
class TestResource extends AsyncResource {
  override runInAsyncScope<This, Result>(
    fn: (this: This, ...args: unknown[]) => Result,
    thisArg?: This,
    ...args: unknown[]
  ): Result {
    const id = this.asyncId();
    register?.(id, 'Test', 0, this);
    return super.runInAsyncScope(() => running.run(id, () => Reflect.apply(fn, thisArg, args)));
  }
}

if (process.env.NODE_TEST_CONTEXT !== undefined) {
  Object.assign(asyncHooks, {
    AsyncResource: TestResource,
    executionAsyncId: () => running.getStore() ?? executionAsyncId(),
    createHook: ({ init }: asyncHooks.HookCallbacks) => {
      register = init;
      return { enable: () => undefined, disable: () => undefined };
    },
  });
  await import('node:test');
  Object.assign(asyncHooks, { AsyncResource, createHook, executionAsyncId });
}
