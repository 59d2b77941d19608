import { armIdParts } from '../../../shared/azure/arm-id.ts';
import { liveVault, type Scenario } from './scenario.ts';

const SILENT =
  'Azure raises no event in a subscription for its own state (Azure subscription as an Event Grid source).';

/** Changes to a whole subscription. */
export const SUBSCRIPTION_SCENARIOS: Scenario[] = [
  setState(
    'subscription-disabled',
    'Disables the subscription of the vault, as when it is not paid.',
    'Disabled',
  ),
  setState('undo-subscription-disabled', 'Enables the subscription of the vault again.', 'Enabled'),
];

function setState(name: string, line: string, state: 'Enabled' | 'Disabled'): Scenario {
  return {
    name,
    line,
    raises: null,
    silent: SILENT,
    perform(draft, { target }) {
      const { subscriptionId } = armIdParts(liveVault(target).id);
      for (const subscription of draft.subscriptions)
        if (subscription.id === subscriptionId?.toLowerCase()) subscription.state = state;
      return { events: [], audit: [], silent: SILENT };
    },
  };
}
