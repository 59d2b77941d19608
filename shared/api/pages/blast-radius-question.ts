import { BLAST_SCOPE_KINDS, BLAST_SCOPES, type BlastScopeKind } from '../../preview/blast/scope.ts';
import type { ScopeQuestion } from './scope-question.ts';

const WORDS: Readonly<Record<BlastScopeKind, string>> = {
  vault: 'Key vault',
  key: 'Key',
  version: 'Key version',
  policy: 'Enterprise policy',
  principal: 'Principal',
  resourceGroup: 'Resource group',
  subscription: 'Subscription',
};

export function blastScopeWord(kind: BlastScopeKind): string {
  return WORDS[kind];
}

export const BLAST_QUESTION: ScopeQuestion = {
  kinds: BLAST_SCOPE_KINDS.map((kind) => ({ kind, word: WORDS[kind], example: BLAST_SCOPES[kind].example })),
  heading: 'Ask about something',
  button: 'Show what would take it down',
};
