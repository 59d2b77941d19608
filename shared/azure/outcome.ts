import type { Gone, Known, Unknown, UnknownReason } from './part.ts';

/** Azure answered with the requested data. */
export interface Answered<T> {
  kind: 'answered';
  value: T;
  /** When it was requested, and when the whole answer had arrived; ISO 8601. */
  askedAt: string;
  at: string;
}
/** Azure refused: a 4xx that waiting does not resolve. */
export interface Refused {
  kind: 'refused';
  /** "GET /subscriptions/…", always without its query. */
  what: string;
  status: number;
  /** ARM's error code; empty where the answer has none. */
  code: string;
  /** The answer's body, for callers that check for an inner code. Never shown. */
  text: string;
  at: string;
}
/** No usable answer. */
export interface Failed {
  kind: 'failed';
  what: string;
  reason: UnknownReason;
  /**
   * The failure, as the end of a sentence that begins with `what`: "was not answered within the time budget".
   */
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
 * True where ARM says that this resource, or the resource group that held it, does not exist. A 404 without
 * ARM's error schema may come from any intermediary, and one about the subscription says nothing about the
 * resource.
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

/**
 * Why it isn't known. `right`: the right whose absence a refusal of our identity indicates ("Reader on the
 * vault kv1").
 */
export function unreadable(outcome: Refused | Failed, right: string): Unknown {
  const { what, at } = outcome;
  if (outcome.kind === 'failed') return unknown(outcome.reason, `${what} ${outcome.because}.`, at);
  const answered = `${what} ${answer(outcome)}`;
  if (NOT_THE_SUBSCRIPTION.test(outcome.code))
    return unknown(
      'forbidden',
      `${answered}: the subscription is gone, or in another tenant, or hidden from Lockwatch's identity. It needs ${right}.`,
      at,
    );
  if (outcome.status === 401 || outcome.status === 403)
    return unknown('forbidden', `${answered}: Lockwatch's identity may not read it. It needs ${right}.`, at);
  return unknown('invalidAnswer', `${answered}, which says nothing about the resource itself.`, at);
}

/** An answer that arrived, but not in its documented schema. `fault` names the field. */
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
