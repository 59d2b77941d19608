import * as z from 'zod';
import { DATED, FINDING, INCIDENT_SUMMARY, REMEDIATION_STEP, UNREAD_PART, VERDICT } from '../components.ts';
import { actionEndpoint } from '../endpoint.ts';
import { NO_QUERY } from '../read-query.ts';
import { BODIES } from './bodies.ts';
import { answerCheck } from './policy-actions.ts';

export const checkEndpoint = actionEndpoint({
  id: 'check',
  method: 'POST',
  path: '/policies/{id}/check',
  title: 'Read a policy now',
  access: 'write',
  query: NO_QUERY,
  body: BODIES.check,
  answer: z.object({
    ...DATED,
    policyId: z.string(),
    key: z.string(),
    name: z.string(),
    verdict: VERDICT,
    transition: z
      .enum([
        'none',
        'opened',
        'confirmed',
        'worsened',
        'eased',
        'accessRestored',
        'relapsed',
        'lockShown',
        'closed',
        'dismissed',
        'reminded',
        'acted',
      ])
      .describe('The change from this reading; none: nothing changed.'),
    findings: z.array(
      FINDING.extend({ remediation: z.array(REMEDIATION_STEP) }).meta({ id: 'CheckFinding' }),
    ),
    cannotRead: z.array(UNREAD_PART),
    incident: INCIDENT_SUMMARY.nullable(),
    warnings: z.array(z.string()),
  }),
  hasEtag: false,
  problems: ['not-found', 'not-possible-now', 'changed-meanwhile'],
  handle: ({ id }, ports) => answerCheck(id, ports),
});
