import { armAction } from '../../expected-deployment/arm-action.ts';

/** The requests of the app's identity to Resource Manager, each operation once. */
export interface AskedOperation {
  /** The action that a role must allow for it. */
  action: string;
  /** The first request of its kind. */
  method: string;
  path: string;
  /** Every status of its answers. */
  statuses: number[];
  times: number;
}
export interface AskedList {
  add(request: { method: string; path: string; status: number }): void;
  list(): AskedOperation[];
}

export function createAskedList(): AskedList {
  const operations = new Map<string, AskedOperation>();
  return {
    add({ method, path, status }) {
      const action = armAction(method, path);
      const known = operations.get(action.toLowerCase());
      if (known === undefined)
        operations.set(action.toLowerCase(), { action, method, path, statuses: [status], times: 1 });
      else {
        known.times += 1;
        if (!known.statuses.includes(status)) known.statuses.push(status);
      }
    },
    list: () => [...operations.values()],
  };
}
