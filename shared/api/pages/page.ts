import type { html } from 'hono/html';
import type * as z from 'zod';

export type Html = ReturnType<typeof html>;

/** What the endpoint of a page answers. */
export type AnswerOf<Endpoint extends { answer: z.ZodType }> = z.output<Endpoint['answer']>;

/** The addresses of a cloud that pages link to, and that their commands name. */
export interface CloudLinks {
  adminCenterUrl: string;
  portalUrl: string;
  powerPlatformApiEndpoint?: string;
}

/** How a page is asked for. A page is rendered from this and its endpoint's answer, and from nothing else. */
export interface PageContext {
  /** ISO 8601. */
  now: string;
  /** The page's own address, without the query. Its forms are sent there. */
  path: string;
  /** The whole query, with the page's own parameters. */
  parameters: URLSearchParams;
  viewer: PageViewer;
  /** The name of this deployment (LOCKWATCH_NAME). */
  deployment?: string;
  /** After a form was sent: the id of the endpoint that did it, or the reason why it was not done. */
  asked?: { done?: string; problem?: RefusedAction };
  /** The Microsoft pages of this cloud. Without them, nothing links there. */
  links?: CloudLinks;
}

/** Why a form was not done. The page shows the form again with everything that was typed into it. */
export interface RefusedAction {
  detail: string;
  /** It failed midway: whether it was done is not known. */
  isUncertain?: true;
  /** The id of the form. */
  form: string;
  /** The name of the field that is at fault. */
  field?: string;
  typed: Readonly<Record<string, string>>;
}

export interface PageViewer {
  name?: string;
  mayAct: boolean;
  mode: 'entra' | 'keys' | 'none';
}

/**
 * One page: a pure function of an answer. The text is complete without a script, and holds no inline handler
 * and no `style` attribute: the Content-Security-Policy allows neither.
 */
export interface Page<Answer> {
  /** As in the register of endpoints, without /api; '/' is the page of `/status`. */
  path: string;
  /** The id of the GET endpoint whose answer it renders. */
  endpoint: string;
  /** Parameters that only the page reads, so the endpoint must not get them (paging of a long list). */
  ownParameters: readonly string[];
  /**
   * Endpoints that a form of this page may ask for, as the field `action` names them. An empty field of a form
   * means: not given.
   */
  actions: readonly string[];
  render(answer: Answer, context: PageContext): Html;
  /** Where a GET form of this page leads, if its fields are not yet the parameters of the endpoint. */
  leadsTo?(parameters: URLSearchParams): string | undefined;
  /** The page where its endpoint refuses the question. Absent: the page of every problem. */
  renderProblem?(problem: RefusedQuestion, context: PageContext): Html;
}

/** Why a GET was not answered. */
export interface RefusedQuestion {
  detail: string;
  /** The parameter at fault. */
  field?: string;
}
