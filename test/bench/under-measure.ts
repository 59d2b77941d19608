import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { TypedData } from '../../dev/functions-host/rpc.ts';
import { cleanEnvironment } from '../../dev/stack/clean-environment.ts';
import { BUNDLE } from '../../tools/build/bundle.ts';
import type { Told } from './driver.ts';

/** A process that runs one app, and nothing else. */
export interface UnderMeasure {
  /** Throws what a function threw. */
  call(name: string, data: TypedData[], atOnce?: number): Promise<Told>;
  stop(): Promise<void>;
}

/** Bundles the driver, and the relay as the app is bundled, into `directory`; tells where each lies. */
export async function bundleForBench(directory: string): Promise<{ driver: string; relay: string }> {
  const relay = join(directory, 'relay');
  await mkdir(relay, { recursive: true });
  await writeFile(join(relay, 'package.json'), JSON.stringify({ type: 'module', main: 'dist/app.mjs' }));
  const here = import.meta.dirname;
  await build({
    ...BUNDLE,
    entryPoints: { app: join(here, 'relay.ts') },
    outdir: join(relay, 'dist'),
  });
  await build({ ...BUNDLE, entryPoints: { driver: join(here, 'driver.ts') }, outdir: directory });
  return { driver: join(directory, 'driver.mjs'), relay };
}

/** Starts the process; the app is loaded by the first call. */
export async function startUnderMeasure(
  driver: string,
  appDirectory: string,
  settings: Record<string, string>,
): Promise<UnderMeasure> {
  const child = fork(driver, [appDirectory], {
    cwd: appDirectory,
    env: { ...cleanEnvironment(process.env), ...settings },
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-4000);
  });
  const reap = () => child.kill('SIGKILL');
  process.once('exit', reap);
  await once(child, 'spawn');
  let ended: Error | undefined;
  let end: ((fault: Error) => void) | undefined;
  child.once('exit', () => {
    ended = new Error(`The process under measure ended. It said last:\n${said}`);
    // Where nobody waits for an answer, its end is no fault.
    end?.(ended);
  });
  return {
    async call(name, data, atOnce = 1) {
      if (ended) throw ended;
      const answer = new Promise<Told>((resolve, reject) => {
        end = reject;
        child.once('message', (told) => resolve(told as Told));
      });
      child.send({ function: name, data, atOnce });
      const told = await answer;
      end = undefined;
      if (told.fault) throw new Error(`${name} failed: ${told.fault}\n${said}`);
      return told;
    },
    async stop() {
      process.removeListener('exit', reap);
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
