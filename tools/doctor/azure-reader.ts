import type { TokenCredential } from '@azure/core-auth';
import { type ArmSession, armClient } from '../../shared/azure/arm-client.ts';
import { armRateLimit } from '../../shared/azure/arm-rate-limit.ts';
import { azureGet, type Get } from '../../shared/azure/azure-get.ts';
import { CLOUDS, type Cloud } from '../../shared/azure/cloud.ts';
import type { Deadline } from '../../shared/azure/deadline.ts';
import type { Failed, Refused } from '../../shared/azure/outcome.ts';
import { unreadable } from '../../shared/azure/outcome.ts';
import type { UnknownReason } from '../../shared/azure/part.ts';
import type { Clock } from '../../shared/clock.ts';
import { environmentApis } from '../../shared/facts/power-platform/addresses.ts';
import { isRegionOf } from '../../shared/facts/power-platform/admin-list.ts';
import type { SignedIn, State } from './report.ts';
import type { DoctorSettings } from './settings.ts';

/** The reader for every part of the examination. All requests share one deadline. */
export interface AzureReader extends DoctorSettings {
  cloud: Cloud;
  who: SignedIn;
  clock: Clock;
  deadline: Deadline;
  arm: ArmSession;
  /** The Power Platform admin API. */
  powerPlatform: Get;
  /** The Power Platform API, where its address is known. */
  powerPlatformApi?: Get;
  /** Storage by its own address; the token is for storage. */
  storage(endpoint: string): Get;
}

export function makeAzureReader(
  known: DoctorSettings & { who: SignedIn; credential: TokenCredential; clock: Clock; deadline: Deadline },
): AzureReader {
  const { settings, credential, clock, deadline } = known;
  const cloud = CLOUDS[settings.cloud];
  const common = { credential, clock };
  const { admin, platform } = environmentApis(settings, cloud);
  const arm = armClient({
    ...common,
    armEndpoint: settings.armEndpoint ?? cloud.armEndpoint,
    armScope: cloud.armScope,
  })(deadline, armRateLimit({ clock }).forSignal);
  return {
    ...known,
    cloud,
    arm,
    powerPlatform: azureGet({ ...common, ...admin, isSameService: isRegionOf(admin.endpoint) }),
    ...(platform ? { powerPlatformApi: azureGet({ ...common, ...platform }) } : {}),
    storage: (endpoint) =>
      azureGet({
        ...common,
        endpoint,
        scope: 'https://storage.azure.com/.default',
        // "Authorize with Microsoft Entra ID": the first version that accepts tokens is 2017-11-09.
        headers: { 'x-ms-version': '2021-12-02', accept: 'application/json;odata=nometadata' },
      }),
  };
}

/** A refusal is a missing right; every other failure is unknown. */
export function stateOf(reason: UnknownReason): State {
  if (reason === 'forbidden') return 'missing';
  return reason === 'notSupported' || reason === 'notConfigured' ? 'note' : 'unknown';
}

/** The same for one of our own requests. `right`: the right whose absence a refusal indicates. */
export function failedRead(outcome: Refused | Failed, right: string): { state: State; says: string } {
  const { reason, detail } = unreadable(outcome, right);
  return { state: stateOf(reason), says: asAsked(detail) };
}

/** The product's messages name its own identity; here another one may be reading. */
export function asAsked(detail: string): string {
  return detail.replaceAll("Lockwatch's identity", 'this identity');
}
