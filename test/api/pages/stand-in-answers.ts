import assert from 'node:assert/strict';
import type { ReadPorts } from '../../../shared/api/endpoint.ts';
import type { ActivityAnswer } from '../../../shared/api/pages/activity.ts';
import type { ConfigurationAnswer } from '../../../shared/api/pages/configuration.ts';
import type { EnvironmentAnswer } from '../../../shared/api/pages/environment.ts';
import type { PolicyPageAnswer } from '../../../shared/api/pages/policy.ts';
import type { StatusPolicy } from '../../../shared/api/pages/policy-condition.ts';
import { conditionOfPolicy } from '../../../shared/api/pages/policy-condition.ts';
import type { ReportAnswer } from '../../../shared/api/pages/report.ts';
import type { VaultAnswer } from '../../../shared/api/pages/vault.ts';
import { warningsOf } from '../../../shared/api/pages/warning-rows.ts';
import type { WarningsAnswer } from '../../../shared/api/pages/warnings.ts';
import type { IncidentAnswer } from '../../../shared/api/status/incident-by-id.ts';
import { askedOf } from './page-html.ts';

interface Status {
  answeredAt: string;
  asOf: string | null;
  policies: StatusPolicy[];
}

/** Answers of endpoints that the register does not have yet, made from those that it has. */
export async function standInAnswer(endpoint: string, id: string, ports: ReadPorts): Promise<object> {
  const status = await askedOf<Status>('/status', ports);
  const { answeredAt, asOf, policies } = status;
  switch (endpoint) {
    case 'policy':
      return { answeredAt, asOf, ...found(policies, (one) => one.key === id) } satisfies PolicyPageAnswer;
    case 'vault': {
      const own = policies.filter(({ vaultId }) => vaultId?.endsWith(`/${id}`));
      return { answeredAt, asOf, id: own[0]?.vaultId ?? '', name: id, policies: own } satisfies VaultAnswer;
    }
    case 'environment':
      return environmentOf(id, status);
    case 'warnings': {
      const warnings = warningsOf(policies);
      const counted = (severity: string) => warnings.filter((one) => one.severity === severity).length;
      const counts = {
        urgent: counted('urgent'),
        warning: counted('warning'),
        info: counted('info'),
        unknown: 0,
      };
      return { answeredAt, asOf, counts, warnings, unknown: [] } satisfies WarningsAnswer;
    }
    case 'activity':
      return activityOf(status, ports);
    case 'configuration':
      return configurationAt(answeredAt);
    case 'report': {
      const incident = await askedOf<IncidentAnswer>(`/incidents/${id}`, ports);
      const times = { toDetect: 12, toNotify: 1, toRestore: null, toClose: null };
      return { ...incident, times } satisfies ReportAnswer;
    }
    default:
      return assert.fail(`no answer for ${endpoint}`);
  }
}

function environmentOf(id: string, { answeredAt, asOf, policies }: Status): EnvironmentAnswer {
  const policy = found(policies, ({ environments }) => environments.items.some((one) => one.id === id));
  const one = found(policy.environments.items, (item) => item.id === id);
  const condition = conditionOfPolicy(policy);
  return {
    answeredAt,
    asOf,
    id,
    name: one.displayName,
    sku: one.sku,
    region: one.region,
    state: condition === 'fine' || condition === 'over' ? 'notBecauseOfKey' : condition,
    because: policy.findings[0]?.summary ?? 'Every part of its chain reads clear.',
    listedAs: one.instanceState === 'Disabled' ? 'disabled' : 'running',
    listedAt: policy.environments.asOf,
    mayBeDeletedFrom: policy.incident?.recoverBy ?? null,
    policies: [{ id: policy.id, name: policy.name }],
    incident: policy.incident ? { policyId: policy.id, ...policy.incident } : null,
  };
}

async function activityOf({ answeredAt, asOf }: Status, ports: ReadPorts): Promise<ActivityAnswer> {
  const { incidents } = await askedOf<{ incidents: { id: string }[] }>('/incidents', ports);
  const all = await Promise.all(
    incidents.map(({ id }) => askedOf<IncidentAnswer>(`/incidents/${id}`, ports)),
  );
  const entries = all.flatMap(({ id, policyId, timeline, notices }) => [
    ...timeline.map(({ at, what, text, by }) => ({
      at,
      what,
      text,
      policyId,
      incidentId: id,
      by: by ?? null,
      deliveries: [],
    })),
    ...[...Map.groupBy(notices, ({ noticeId }) => noticeId).values()].map((deliveries) => ({
      at: deliveries[0]?.createdAt ?? answeredAt,
      what: 'notice' as const,
      text: '',
      policyId,
      incidentId: id,
      by: null,
      deliveries,
    })),
  ]);
  return { answeredAt, asOf, entries: entries.sort((a, b) => (a.at > b.at ? -1 : 1)), next: null };
}

function configurationAt(answeredAt: string): ConfigurationAnswer {
  const setting = { about: 'What it does.', isSet: true, isSecret: false };
  return {
    answeredAt,
    asOf: null,
    groups: [
      {
        name: 'Watching',
        settings: [{ ...setting, name: 'LOCKWATCH_SUBSCRIPTIONS', value: 'a'.repeat(200) }],
      },
      {
        name: 'Channels',
        settings: [{ ...setting, name: 'LOCKWATCH_TEAMS_URL', isSecret: true, value: null }],
      },
    ],
  };
}

function found<T>(all: readonly T[], is: (one: T) => boolean): T {
  return all.find(is) ?? assert.fail('there is none');
}
