import { spawn } from 'node:child_process';
import * as z from 'zod';
import { SURROUNDINGS } from './program.ts';

export interface BicepServer {
  /**
   * Sends one request to Bicep; `result` is the schema of its answer. Throws with Bicep's message on a fault.
   */
  ask<T>(method: string, params: object, result: z.ZodType<T>): Promise<T>;
  stop(): Promise<void>;
}

const answer = z.object({
  id: z.number(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});

/**
 * Bicep as a server on its standard streams ("Bicep CLI commands", jsonrpc): one start for many requests, and
 * no files are written. `env`: the variables for readEnvironmentVariable() in parameter files. Messages are
 * JSON-RPC 2.0 after a Content-Length header, as in the language server protocol.
 */
export function startBicepServer(program: string, env: NodeJS.ProcessEnv = process.env): BicepServer {
  const child = spawn(program, ['jsonrpc', '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...env, ...SURROUNDINGS },
  });
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  const failAll = (error: Error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      failAll(error);
      resolve();
    });
    child.on('close', () => {
      failAll(new Error('Bicep ended before it answered.'));
      resolve();
    });
  });
  child.stdout.on(
    'data',
    messageReader((message) => {
      const parsed = answer.safeParse(message);
      if (!parsed.success)
        return failAll(new Error(`Bicep answers in another form: ${parsed.error.message}`));
      const { id, result, error } = parsed.data;
      const asked = waiting.get(id);
      waiting.delete(id);
      if (error) asked?.reject(new Error(error.message));
      else asked?.resolve(result);
    }),
  );
  let last = 0;
  return {
    async ask(method, params, schema) {
      last += 1;
      const id = last;
      const result = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
      const body = JSON.stringify({ jsonrpc: '2.0', id, method, params });
      child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      return schema.parse(await result);
    },
    async stop() {
      child.kill();
      await ended;
    },
  };
}

function messageReader(onMessage: (message: unknown) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf('\r\n\r\n'); end >= 0; end = rest.indexOf('\r\n\r\n')) {
      const length = Number(/Content-Length: (\d+)/i.exec(rest.toString('latin1', 0, end))?.[1]);
      const start = end + 4;
      if (rest.length < start + length) return;
      const text = rest.toString('utf8', start, start + length);
      rest = rest.subarray(start + length);
      onMessage(JSON.parse(text));
    }
  };
}
