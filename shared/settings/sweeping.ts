import { type SettingDescription, seconds } from '../settings-schema/description.ts';

/** How often everything is read, and how long it may take until something follows. */
export const SWEEPING = {
  sweepSeconds: {
    name: 'LOCKWATCH_SWEEP_SECONDS',
    meaning:
      'The shortest interval between two sweeps, which read every policy afresh and send undelivered notices: the timer ticks as often. The interval in force follows the number of policies, and GET /api/coverage shows it. Divides 60, or is whole minutes up to 30.',
    default: '5',
    example: '60',
    schema: seconds(1, 1800).refine(
      (value) =>
        Number.isInteger(value) &&
        (value <= 60 ? 60 % value === 0 : value % 60 === 0 && 60 % (value / 60) === 0),
      'must divide 60, or be whole minutes that divide 60',
    ),
  },
  sweepMaxSeconds: {
    name: 'LOCKWATCH_SWEEP_MAX_SECONDS',
    meaning:
      'The longest interval between two sweeps, however many policies there are and however much others read. Not less than LOCKWATCH_SWEEP_SECONDS.',
    default: '480',
    example: '120',
    schema: seconds(1, 1800),
  },
  environmentListSeconds: {
    name: 'LOCKWATCH_ENVIRONMENT_LIST_SECONDS',
    meaning:
      'How long sweeps use the same list of environments from Power Platform. A list that is used again proves nothing new. 0: each sweep reads it.',
    default: '30',
    example: '60',
    schema: seconds(0, 300),
  },
  readBudgetSeconds: {
    name: 'LOCKWATCH_READ_BUDGET_SECONDS',
    meaning: 'How long one reading of the truth may take. What is not in by then is unknown.',
    default: '10',
    example: '20',
    schema: seconds(1, 120),
  },
  recheckSeconds: {
    name: 'LOCKWATCH_RECHECK_SECONDS',
    meaning: 'After how long a signal that concerned a policy, but read clear, is looked at again.',
    default: '10',
    example: '15',
    schema: seconds(1, 600),
  },
  closeAfterSeconds: {
    name: 'LOCKWATCH_CLOSE_AFTER_SECONDS',
    meaning:
      'How long after access came back the list of environments must show them running before an incident closes: a lock can show late.',
    default: '900',
    example: '1800',
    schema: seconds(0, 86_400),
  },
  visibilityAlertSeconds: {
    name: 'LOCKWATCH_VISIBILITY_ALERT_SECONDS',
    meaning: 'How long something may be unreadable before a visibility gap is reported.',
    default: '600',
    example: '300',
    schema: seconds(0, 86_400),
  },
} as const satisfies Record<string, SettingDescription>;
