import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mergeSteps } from '../../../shared/notices/say/merge-steps.ts';
import { anIncident, causeOf, KEY_DISABLED } from '../a-notice.ts';

const incidentWith = (...causes: string[][]) =>
  anIncident('ep', {
    causes: causes.map((steps) => causeOf({ ...KEY_DISABLED, remediation: steps.map((text) => ({ text })) })),
  }).incident;
const merged = (...incidents: string[][][]) =>
  mergeSteps(incidents.map((causes) => incidentWith(...causes))).map(({ text }) => text);

test('a step that several incidents share stands once', () => {
  assert.deepEqual(merged([['recover']], [['recover']]), ['recover']);
});

test('a step of one policy alone stands where that policy has it, between the shared ones', () => {
  const steps = merged([['recover', 'grant a', 'check']], [['recover', 'grant b', 'check']]);
  assert.deepEqual(steps, ['recover', 'grant a', 'grant b', 'check']);
});

test('the root cause comes first', () => {
  assert.deepEqual(merged([['root 1', 'root 2'], ['other']]), ['root 1', 'root 2', 'other']);
});

test('what is needed only after a refusal comes after the steps of every cause', () => {
  const policy = 'Only if a step is refused with RequestDisallowedByPolicy: …';
  const lock = 'Only if a step is refused with ScopeLocked: …';
  const steps = merged([
    ['grant', policy, lock],
    ['enable the key', lock],
  ]);
  assert.deepEqual(steps, ['grant', 'enable the key', policy, lock]);
});

test('steps with the same words but another command are two steps', () => {
  const one = anIncident('ep', {
    causes: [
      causeOf({
        ...KEY_DISABLED,
        remediation: [
          { text: 'x', command: 'a' },
          { text: 'x', command: 'b' },
        ],
      }),
    ],
  });
  assert.equal(mergeSteps([one.incident]).length, 2);
});

test('no step is lost or doubled, and lists that agree on the order keep it', () => {
  const sortedSteps = fc.uniqueArray(fc.nat(20)).map((steps) => steps.sort((a, b) => a - b).map(String));
  fc.assert(
    fc.property(fc.array(sortedSteps, { maxLength: 6 }), (lists) => {
      const result = merged(...lists.map((steps) => [steps]));
      assert.deepEqual(new Set(result), new Set(lists.flat()));
      assert.equal(result.length, new Set(result).size);
      for (const steps of lists.slice(0, 1))
        assert.deepEqual(
          result.filter((step) => steps.includes(step)),
          steps,
        );
    }),
  );
});
