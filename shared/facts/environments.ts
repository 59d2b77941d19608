import type { Deadline } from '../azure/deadline.ts';
import type { Part } from '../azure/part.ts';
import type { EnvironmentsFact } from './facts.ts';

/** The source in which the environments of a policy are looked up. */
export interface EnvironmentSource {
  /** Begins one read session: it reads the list once, when it is first requested. */
  begin(deadline: Deadline, options?: EnvironmentReadOptions): EnvironmentReading;
}

export interface EnvironmentReadOptions {
  /** May use a list that another session read a short time ago: a sweep, which comes again. */
  mayReuse?: boolean | undefined;
  /** Asks an API that refused lately as well; otherwise only after an hour. */
  askRefused?: boolean | undefined;
}

export interface EnvironmentReading {
  /**
   * How much longer than the rest a reading waits where members are known. Absent: as long as it takes. Only
   * where a later session gets a list that is slower.
   */
  graceMs?: number;
  /**
   * The environments that name this policy; known and empty where there are none. The list is requested at
   * once, without waiting for the policy's own reading.
   */
  forPolicy(policyId: string, policy: Promise<PolicyAnswer>): Promise<Part<EnvironmentsFact>>;
}

/** The result of the policy's reading, which runs at the same time. */
export interface PolicyAnswer {
  /** An environment may name its policy by this id only. */
  systemId?: string;
  /**
   * When the policy was found gone, ISO 8601. Only a list requested after that proves that environments still
   * name it; if the first list was requested earlier, it is read once more.
   */
  goneAt?: string;
}
