import type { SimulatorState } from '../state.ts';
import type { Caller, Tokens } from '../tokens.ts';
import type { World } from '../world/world.ts';
import type { AskedList } from './asked.ts';
import type { Faults } from './faults.ts';
import type { IncomingRequest, SimulatorAnswer } from './serve.ts';

export interface ArmDependencies {
  state: SimulatorState;
  tokens: Tokens;
  faults: Faults;
  asked: AskedList;
  latency: () => Promise<void>;
  pageSize: number;
  keyListDetail: 'summary' | 'full';
}

export interface ArmRequest extends ArmDependencies {
  request: IncomingRequest;
  match: RegExpExecArray;
  world: World;
  /** For data that propagates late: permissions and networks. */
  propagated: World;
  caller: Caller;
}
export interface ArmRoute {
  method: 'GET' | 'DELETE';
  /** Against the decoded path. */
  path: RegExp;
  type: string;
  apiVersions: RegExp;
  /** The permission that the caller needs, and its scope. No scope: a list that refuses nobody. */
  action: string;
  scope: ((match: RegExpExecArray) => string) | undefined;
  answer: (request: ArmRequest) => SimulatorAnswer | Promise<SimulatorAnswer>;
}
