import { normalId } from '../../azure/arm-id.ts';

/** One operation at one resource has one id, whichever policy it was found for and however that spells the id. */
export function operationId(what: string, on: string, more = ''): string {
  return `${what} ${normalId(on)}${more === '' ? '' : ` ${more.toLowerCase()}`}`;
}
