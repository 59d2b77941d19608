import type { Deadline } from '../azure/deadline.ts';
import type { Part } from '../azure/part.ts';
import type { EnvironmentsFact } from './facts.ts';

/** Where the environments of a policy are looked up. */
export interface EnvironmentSource {
  /** Begins one pass: within it the list is read once, when it is first asked for. */
  begin(deadline: Deadline): EnvironmentReading;
}

export interface EnvironmentReading {
  /**
   * The environments that name this policy; known and empty where none does. The list is asked for at once, without
   * waiting for what the policy's own reading tells.
   */
  forPolicy(policyId: string, policy: Promise<PolicyAnswer>): Promise<Part<EnvironmentsFact>>;
}

/** What the reading of the policy told meanwhile. */
export interface PolicyAnswer {
  /** An environment may name its policy by this id alone. */
  systemId?: string;
  /**
   * When the policy was found gone, ISO 8601. Only a list that was asked for after that proves that environments still
   * name it; where the first was asked for earlier, it is read once more.
   */
  goneAt?: string;
}
