import * as z from 'zod';
import type { PolicyState } from '../../incidents/incident.ts';
import { policyVaultId } from '../../triggers/policy-chain.ts';
import { isVault, noSuchVault } from '../actions/find-policy.ts';
import { type ReadPorts, readEndpoint } from '../endpoint.ts';
import { ProblemError } from '../problem.ts';
import { NAMED } from '../read-query.ts';
import { incidentNamed } from './incident-by-id.ts';
import { allPolicyStates } from './optional-reads.ts';
import { policyStateNamed } from './policy-answer.ts';
import { WHO_CAN_ANSWER } from './who-can-schema.ts';

const QUERY = z.strictObject({
  policy: NAMED.optional(),
  vault: NAMED.optional(),
  incident: NAMED.optional(),
});
type Query = z.output<typeof QUERY>;

/** A map for attackers as well, so it is for operators alone. It is read on demand, never on the path of a notice. */
export const whoCanEndpoint = readEndpoint({
  id: 'whoCan',
  method: 'GET',
  path: '/who-can',
  title: 'Who can take environments down, and who can help',
  access: 'operatorRead',
  query: QUERY,
  answer: WHO_CAN_ANSWER,
  problems: ['not-found', 'not-possible-now', 'not-readable'],
  async handle({ query }, ports) {
    const { policyStates, triggers } = await askedFor(query, ports);
    const { facts, clock, config } = ports;
    const [{ readRights }, { whoCanAnswer }] = await Promise.all([
      import('../../pipeline/read-rights.ts'),
      import('./who-can-answer.ts'),
    ]);
    const rights = facts && (await readRights({ facts, clock, config }, policyStates));
    if (rights === undefined)
      throw new ProblemError('not-available', 'This process can not read Azure. Try again in a moment.');
    return whoCanAnswer(rights, triggers, ports);
  },
});

/** The policies that are asked about, and the causes of the incident where one is. Throws `ProblemError`. */
async function askedFor(query: Query, ports: ReadPorts) {
  const named = Object.entries(query).filter(([, value]) => value !== undefined);
  if (named.length !== 1)
    throw new ProblemError(
      'bad-request',
      'Name one of policy, vault and incident.',
      named[1]?.[0] ?? 'policy',
    );
  const { policy, vault, incident } = query;
  if (incident !== undefined) {
    const { policyId, causes } = await incidentNamed(incident, ports.store);
    const triggers = causes.map(({ trigger }) => trigger);
    return { policyStates: [policyStateNamed(await allPolicyStates(ports), policyId)], triggers };
  }
  const all = await allPolicyStates(ports);
  const policyStates = policy === undefined ? ofVault(all, vault ?? '') : [policyStateNamed(all, policy)];
  return { policyStates, triggers: undefined };
}

function ofVault(policyStates: readonly PolicyState[], named: string): PolicyState[] {
  const found = policyStates.filter(({ history }) => isVault(policyVaultId(history) ?? '', named));
  if (found.length === 0) throw noSuchVault(named);
  return found;
}
