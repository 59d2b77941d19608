import { readFile } from 'node:fs/promises';

const SAMPLE_MS = 1_000;

export interface MemorySample {
  /** Seconds since the app started. */
  second: number;
  residentMB: number;
}

/** Samples the resident memory of a process once a second, as Linux counts it. */
export function sampleMemory(pid: number): {
  samples: MemorySample[];
  peakMB(): Promise<number>;
  stop(): void;
} {
  const samples: MemorySample[] = [];
  const beganAt = Date.now();
  const timer = setInterval(async () => {
    const residentMB = await statusMB(pid, 'VmRSS');
    if (residentMB !== undefined) samples.push({ second: (Date.now() - beganAt) / 1000, residentMB });
  }, SAMPLE_MS);
  return {
    samples,
    peakMB: async () => (await statusMB(pid, 'VmHWM')) ?? Math.max(...samples.map((one) => one.residentMB)),
    stop: () => clearInterval(timer),
  };
}

/** Undefined where the process has ended. */
async function statusMB(pid: number, field: string): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kB = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1];
  return kB === undefined ? undefined : Number(kB) / 1000;
}

/** The growth over the samples' whole time, by the least-squares line through them. */
export function fittedGrowthMB(samples: readonly MemorySample[]): number {
  const count = samples.length;
  if (count < 2) return 0;
  const meanX = samples.reduce((sum, { second }) => sum + second, 0) / count;
  const meanY = samples.reduce((sum, { residentMB }) => sum + residentMB, 0) / count;
  let [xy, xx] = [0, 0];
  for (const { second, residentMB } of samples) {
    xy += (second - meanX) * (residentMB - meanY);
    xx += (second - meanX) ** 2;
  }
  const seconds = (samples.at(-1)?.second ?? 0) - (samples[0]?.second ?? 0);
  return xx === 0 ? 0 : (xy / xx) * seconds;
}
