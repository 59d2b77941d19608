import { type Prediction, readPrediction } from '../../dev/expected-deployment/snapshot.ts';
import { scenarioNames } from '../../tools/bicep/predict.ts';

export {
  at,
  listAt,
  type Predicted,
  type Prediction as Deployment,
  predictedSettings as appSettings,
  readPrediction as deployment,
  textAt,
} from '../../dev/expected-deployment/snapshot.ts';

export const SCENARIO_NAMES = await scenarioNames();
/** Every scenario that deploys the app; the management group's right is a deployment of its own. */
export const DEPLOYMENTS: readonly Prediction[] = SCENARIO_NAMES.filter(
  (name) => name !== 'management-group',
).map(readPrediction);
