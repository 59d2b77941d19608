import { test } from 'node:test';
import { until } from '../../dev/demo/observe.ts';
import { withStack } from './with-stack.ts';

const { stack, seen } = await withStack({
  sweepSeconds: 5,
  simulator: { demoPolicies: true },
  processes: [['status'], ['storageQueue', 'poison'], ['timer']],
});

test('with the timer gone silent a key disabled is found within 2 minutes, and the timer’s silence is reported', async () => {
  await until('ep-key-disabled is clear', 60_000, async () =>
    (await seen.status('ep-key-disabled'))?.verdict === 'clear' ? true : undefined,
  );
  // Azure has been seen to freeze every timer of an app without an error: its process goes, the others stay.
  await stack.killHost(2);
  // No event tells of it, and from here on nobody asks over HTTP: only the heartbeat message is left.
  await seen.scenario('key-disabled', { policy: 'ep-key-disabled' });
  const mailed = (pattern: RegExp) =>
    until(`a mail like ${pattern}`, 120_000, async () =>
      (await seen.mails()).some(({ subject, text }) => pattern.test(`${subject}\n${text}`))
        ? true
        : undefined,
    );
  await mailed(/key disabled/);
  await mailed(/The app's timer has not run since/);
});
