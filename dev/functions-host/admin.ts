import type { RegisteredFunction } from './function-app.ts';
import { messageOf } from './host-error.ts';
import { type HostAnswer, jsonHostAnswer, textAnswer } from './http-answer.ts';
import type { InvocationInput, Invoke } from './invoke.ts';
import { isTooDeep } from './json-depth.ts';
import { type HostLog, systemLog } from './log.ts';
import type { Schedule } from './schedule.ts';
import { timerData } from './timer-trigger.ts';
import { systemMetadata, withJsonProperties } from './trigger-metadata.ts';

/**
 * `POST /admin/functions/{name}` with `{"input": "…"}` runs a function that has no HTTP trigger: 202, and the
 * outcome is in the log. A body that is not sent as JSON is 415, whatever it contains, also an empty one; what
 * can't be read as an object with a text `input` is 400.
 * Sources: "Manually run a non HTTP-triggered function"; azure-functions-host, FunctionsController.cs (Invoke,
 * `[FromBody] FunctionInvocation`); aspnetcore, UnsupportedContentTypeFilter.
 */
export function answerManualRun(
  fn: RegisteredFunction | undefined,
  { contentType, body }: { contentType: string | undefined; body: Buffer },
  schedules: Map<string, Schedule>,
  invoke: Invoke,
  log: HostLog,
): HostAnswer {
  if (!/^(application|text)\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType ?? '')) return { status: 415 };
  const input = readInput(body);
  if (input === undefined) return textAnswer(400, 'The body must be a JSON object such as {"input": "…"}.');
  if (!fn || fn.triggerType === 'httptrigger') return { status: 404 };
  const invocation = manualInput(fn, input, schedules.get(fn.name));
  if (!invocation) return textAnswer(400, 'The input of this trigger must be a JSON object.');
  invoke(fn, invocation).catch((error) =>
    systemLog(log, 'error', `Executing by hand failed: ${messageOf(error)}`, fn.name),
  );
  return { status: 202 };
}

/** `GET /local/functions`: what is registered, and whether this process runs it. */
export function listFunctions(
  functions: RegisteredFunction[],
  isHere: (fn: RegisteredFunction) => boolean,
): HostAnswer {
  return jsonHostAnswer(200, {
    functions: functions.map((fn) => {
      const { name: _name, direction: _direction, properties: _properties, ...trigger } = fn.trigger;
      return { name: fn.name, trigger, runsHere: isHere(fn) };
    }),
  });
}

function readInput(body: Buffer): string | undefined {
  try {
    const text = body.toString('utf8');
    const json: unknown = JSON.parse(text);
    if (isTooDeep(text) || typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
    const input = Object.entries(json).find(([name]) => name.toLowerCase() === 'input')?.[1] ?? '';
    return typeof input === 'object' ? undefined : String(input);
  } catch {
    return undefined;
  }
}

function manualInput(
  fn: RegisteredFunction,
  input: string,
  schedule: Schedule | undefined,
): InvocationInput | undefined {
  const system = systemMetadata(fn.name, new Date());
  if (schedule) return { data: timerData(schedule, undefined, false), triggerMetadata: system };
  if (fn.triggerType === 'eventgridtrigger') {
    const isObject = /^\s*\{/.test(input) && isJson(input);
    return isObject ? { data: { json: input }, triggerMetadata: system } : undefined;
  }
  if (fn.triggerType === 'eventhubtrigger') {
    const isBinary = String(fn.trigger.dataType ?? '').toLowerCase() === 'binary';
    const isMany = String(fn.trigger.cardinality ?? 'one').toLowerCase() === 'many';
    const bytes = Buffer.from(input);
    if (isMany && isBinary) return { data: { collectionBytes: { bytes: [bytes] } }, triggerMetadata: system };
    if (isMany) return { data: { collectionString: { string: [input] } }, triggerMetadata: system };
    return { data: isBinary ? { bytes } : { string: input }, triggerMetadata: system };
  }
  return { data: { string: input }, triggerMetadata: withJsonProperties(system, input) };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
