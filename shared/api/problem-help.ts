import type { ProblemKind } from './problem.ts';

/** Of each kind of problem: when it comes, and what to do. Apart from `PROBLEMS`, since only documents need it. */
export const PROBLEM_HELP: Readonly<Record<ProblemKind, { when: string; help: string }>> = {
  'bad-request': {
    when: 'A field, a parameter or the address is missing, unknown, or not what it must be.',
    help: 'Correct what `field` names, as `detail` says. Nothing was done. An unknown field is refused, since an ignored one would mislead. A body needs the header `Content-Length`: Azure Functions drops a body that is sent in chunks.',
  },
  'not-signed-in': {
    when: 'The request has no credentials, or credentials that can not be read.',
    help: 'With `entra`: sign in at /.auth/login/aad, or send a bearer token of Microsoft Entra for this app. With `keys`: send a function key in the header `x-functions-key`; the platform itself then answers 401 without a body.',
  },
  'not-allowed': {
    when: 'Whoever signed in lacks the app role, or a page of another site sent the request.',
    help: "`detail` names the role. An owner of Lockwatch's enterprise application in Entra assigns it (Users and groups); then sign in again. If the page is one of this app under another address, set `LOCKWATCH_PUBLIC_URL` to that address.",
  },
  'not-found': {
    when: 'There is nothing at this address, or no incident, policy, vault or environment of this name.',
    help: 'Check the spelling against `/api/status`, which lists the policies with their vaults and environments, or `/api/incidents`. A policy that was just created is watched after the next sweep.',
  },
  'wrong-method': {
    when: 'The address exists, but only with another method, which the header `allow` names.',
    help: 'Answers are asked for with GET, actions are sent as POST. Opening the address of an action in a browser does nothing, on purpose.',
  },
  'not-possible-now': {
    when: 'The state does not allow it now: the incident is over, two policies have the name, a drill is running.',
    help: 'Read the incident or the policy again, and decide on what it says now. Where two policies have the name, use the `key` of the one that you mean.',
  },
  'changed-meanwhile': {
    when: '`If-Match` names an outdated state, or the endpoint has no state that could match.',
    help: 'Read the incident again, and decide on what it says now. Leave `If-Match` out where the action does not depend on what you have read.',
  },
  'too-long': {
    when: 'The body is longer than 16 KiB.',
    help: 'Shorten the texts. Nothing was done.',
  },
  'not-json': {
    when: 'The POST is not sent as `application/json`.',
    help: 'Send the header `content-type: application/json`, also with an empty body. A form of another site can not send it, which is the reason.',
  },
  'not-readable': {
    when: "The stored row of this incident can't be read by this version.",
    help: '`detail` names the row and the command that deletes it. Everything else goes on. See docs/operations.md, "When a stored row can\'t be read".',
  },
  'not-available': {
    when: "Lockwatch's own storage can't be reached, or others keep writing the same state.",
    help: 'Try again in a moment: an action that is sent twice is done once. Where it lasts, `/api/health` says what fails.',
  },
  'too-many-questions': {
    when: 'More than a hundred different questions wait, or five previews.',
    help: 'Wait as many seconds as the header `retry-after` says.',
  },
  'not-started': {
    when: 'The app could not start, because settings are missing or wrong. It watches nothing and notifies nobody.',
    help: "`settings` names them to those who may read; the app's log says what is wrong with each. Correct them, then restart the app.",
  },
};
