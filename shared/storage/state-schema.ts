import type { Head } from '../incidents/incident.ts';
import type { AdvisoryFinding } from '../triggers/advisories/advisory.ts';
import type { Remembered } from '../triggers/finding.ts';
import { isFlag, isNumber, isOneOf, isText, isTime, listOf, objectOf, optional, recordOf } from './checks.ts';
import { evidence, finding, incidentSchema, memberSchema, silence, steps, VERDICTS } from './row-schemas.ts';

const remembered = objectOf<Remembered>({
  policyId: isText,
  policy: optional(
    objectOf<NonNullable<Remembered['policy']>>({
      id: isText,
      name: isText,
      principalId: optional(isText),
      vaultId: optional(isText),
      keyName: optional(isText),
      keyVersion: optional(isText),
      seenAt: isText,
    }),
  ),
  vault: optional(
    objectOf<NonNullable<Remembered['vault']>>({
      id: isText,
      name: isText,
      location: isText,
      seenAt: isText,
    }),
  ),
  key: optional(
    objectOf<NonNullable<Remembered['key']>>({
      name: isText,
      versions: listOf(objectOf({ version: isText, enabled: isFlag })),
      seenAt: isText,
    }),
  ),
  permission: optional(
    objectOf<NonNullable<Remembered['permission']>>({ model: isText, principalId: isText }),
  ),
  network: optional(
    objectOf<NonNullable<Remembered['network']>>({
      current: objectOf({ ipRules: listOf(isText), virtualNetworkRules: listOf(isText) }),
      previous: optional(objectOf({ ipRules: listOf(isText), virtualNetworkRules: listOf(isText) })),
    }),
  ),
  environments: optional(
    objectOf<NonNullable<Remembered['environments']>>({
      asOf: isTime,
      source: isOneOf(['powerPlatform', 'inventory']),
      members: listOf(memberSchema),
    }),
  ),
});

const advisory = objectOf<AdvisoryFinding>({
  advisory: isText,
  verdict: isText,
  severity: isText,
  summary: isText,
  evidence,
  mend: steps,
  scope: isText,
});

const times = optional(recordOf(isTime));

export const headSchema = objectOf<Head>({
  policyId: isText,
  verdict: isOneOf(VERDICTS),
  findings: listOf(finding),
  readAt: isTime,
  parts: recordOf(objectOf<Head['parts'][string]>({ state: isText, readAt: isText })),
  remembered,
  sequence: isNumber,
  incident: optional(incidentSchema),
  supported: isFlag,
  warnings: listOf(isText),
  advisories: optional(
    objectOf<NonNullable<Head['advisories']>>({ readAt: isText, findings: listOf(advisory) }),
  ),
  lastSignals: optional(objectOf<NonNullable<Head['lastSignals']>>({ event: times, audit: times })),
  turns: optional(listOf(isTime)),
  silences: optional(listOf(silence)),
  settledCauses: optional(
    listOf(objectOf<NonNullable<Head['settledCauses']>[number]>({ trigger: isText, scope: isText })),
  ),
});
