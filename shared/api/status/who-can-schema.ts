import * as z from 'zod';
import { DATED, POLICY_NAME, TRIGGER } from '../components.ts';

const HOW_HELD = z
  .enum(['now', 'afterActivation', 'inTwoSteps'])
  .describe(
    'afterActivation: by a role that they are eligible for. inTwoSteps: they can give the right to themselves.',
  )
  .meta({ id: 'HowHeld' });

const HOLDER = z
  .object({
    principalId: z.string(),
    how: HOW_HELD,
    through: z.array(
      z.object({
        by: z.enum(['roleAssignment', 'eligibleRole', 'accessPolicy']),
        id: z.string().describe('The ARM id, or the object id of an access policy.'),
        scope: z.string(),
        roleName: z.string().optional(),
        condition: z.string().optional().describe('Shown, and not judged.'),
        application: z
          .string()
          .optional()
          .describe('It counts only where this application acts for the principal.'),
      }),
    ),
    perhapsDenied: z.array(z.string()).describe('Deny assignments that may apply: only Azure can tell.'),
  })
  .meta({ id: 'RightHolder' });

const HELD = {
  needs: z
    .array(z.string())
    .describe('All of these rights; one sentence where any of several sets of them is enough.'),
  note: z.string().optional(),
  unknown: z.string().nullable().describe('Not null: the list may be short, and why.'),
  holders: z.array(HOLDER),
};

/** Who can take environments down, and in an incident who can help. */
export const WHO_CAN_ANSWER = z.object({
  ...DATED,
  policies: z.array(POLICY_NAME),
  operations: z.array(
    z
      .object({
        operation: z.string(),
        title: z.string(),
        triggers: z.array(TRIGGER).describe('The triggers that it brings.'),
        policyIds: z.array(z.string()).describe('The policies that it concerns.'),
        refusedBy: z.array(z.string()).describe('What refuses it at present, whoever asks.'),
        ...HELD,
      })
      .meta({ id: 'OperationHolders' }),
  ),
  help: z
    .array(
      z
        .object({
          title: z.string(),
          triggers: z.array(TRIGGER).optional().describe('The causes that it undoes; absent: every one.'),
          ...HELD,
        })
        .meta({ id: 'HelpHolders' }),
    )
    .nullable()
    .describe('Only for an incident: who can do each step of its remediation, and re-enable environments.'),
  principals: z.array(
    z
      .object({
        id: z.string(),
        type: z.string().nullable().describe('Null: an access policy does not say what it names.'),
        isGroup: z.boolean(),
        name: z
          .string()
          .nullable()
          .describe('From Microsoft Graph, where it is set up. Untrusted: escape it where it is shown.'),
      })
      .meta({ id: 'RightPrincipal' }),
  ),
  cannotSee: z.array(z.string()).describe('Who may be able to do it without being listed.'),
});
