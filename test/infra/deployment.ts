import { readSnapshot, type Snapshot } from '../../dev/expected-deployment/snapshot.ts';
import { scenarioNames } from '../../tools/bicep/snapshots.ts';

export {
  at,
  listAt,
  readSnapshot as deployment,
  type Snapshot as Deployment,
  type SnapshotResource,
  snapshotSettings as appSettings,
  textAt,
} from '../../dev/expected-deployment/snapshot.ts';

const SCENARIO_NAMES = await scenarioNames();
/** Every scenario that deploys the app; the management group's right is a deployment of its own. */
export const DEPLOYMENTS: readonly Snapshot[] = SCENARIO_NAMES.filter(
  (name) => name !== 'management-group',
).map(readSnapshot);
