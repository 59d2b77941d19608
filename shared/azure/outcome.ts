import type { Gone, Known, Unknown, UnknownReason } from './part.ts';

/** Azure answered with what was asked for. */
export interface Answered<T> {
  kind: 'answered';
  value: T;
  /** When it was asked, and when the whole answer was there; ISO 8601. */
  askedAt: string;
  at: string;
}
/** Azure answered that it won't: a 4xx that waiting does not mend. */
export interface Refused {
  kind: 'refused';
  /** "GET /subscriptions/…": never with its query. */
  what: string;
  status: number;
  /** ARM's error code; empty where the answer has none. */
  code: string;
  /** The answer's body, for those who look for an inner code. Never shown. */
  text: string;
  at: string;
}
/** No usable answer. */
export interface Failed {
  kind: 'failed';
  what: string;
  reason: UnknownReason;
  /** What happened, to follow `what`: "was not answered within the time budget". */
  because: string;
  at: string;
}
export type Outcome<T> = Answered<T> | Refused | Failed;

export function known<T>(value: T, readAt: string): Known<T> {
  return { state: 'known', value, readAt };
}

export function unknown(reason: UnknownReason, detail: string, readAt: string): Unknown {
  return { state: 'unknown', reason, detail, readAt };
}

/**
 * True where ARM says that the very resource, or the resource group that held it, is not there. A 404 without ARM's
 * error form may come from anything between, and one about the subscription says nothing of the resource.
 */
export function saysGone(outcome: Outcome<unknown>): outcome is Refused {
  return (
    outcome.kind === 'refused' &&
    outcome.status === 404 &&
    outcome.code !== '' &&
    !NOT_THE_SUBSCRIPTION.test(outcome.code) &&
    !NOT_THE_RESOURCE.test(outcome.code)
  );
}

export function gone(outcome: Refused): Gone {
  return { state: 'gone', detail: `${outcome.what} ${answer(outcome)}.`, readAt: outcome.at };
}

/** Why it isn't known. `right`: the right that a refusal of our identity calls for ("Reader on the vault kv1"). */
export function unreadable(outcome: Refused | Failed, right: string): Unknown {
  const { what, at } = outcome;
  if (outcome.kind === 'failed') return unknown(outcome.reason, `${what} ${outcome.because}.`, at);
  const said = `${what} ${answer(outcome)}`;
  if (NOT_THE_SUBSCRIPTION.test(outcome.code))
    return unknown(
      'forbidden',
      `${said}: the subscription is gone, or in another tenant, or hidden from Lockwatch's identity. It needs ${right}.`,
      at,
    );
  if (outcome.status === 401 || outcome.status === 403)
    return unknown('forbidden', `${said}: Lockwatch's identity may not read it. It needs ${right}.`, at);
  return unknown('invalidAnswer', `${said}, which tells nothing of the resource itself.`, at);
}

/** An answer that came, but not in its documented form. `fault` names the field. */
export function malformed(what: string, fault: string, at: string): Unknown {
  return unknown('invalidAnswer', `${what} answered in another form than documented: ${fault}.`, at);
}

/** Azure Resource Manager docs: "Common error codes". */
const NOT_THE_SUBSCRIPTION =
  /^(SubscriptionNotFound|InvalidSubscriptionId|DisabledSubscription|InvalidAuthenticationTokenTenant)$/i;
const NOT_THE_RESOURCE =
  /^(InvalidResourceType|InvalidResourceNamespace|NoRegisteredProviderFound|MissingSubscriptionRegistration|InvalidApiVersionParameter)$/i;

function answer(outcome: Refused): string {
  return `answered ${outcome.status}${outcome.code === '' ? '' : ` (${outcome.code})`}`;
}
