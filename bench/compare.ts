// Measures a candidate against a baseline, in turns, and compares the medians.

export type Comparison = {
  readonly name: string;
  /** The largest ratio of the candidate's time to the baseline's that is still good. */
  readonly limit: number;
  readonly candidate: () => unknown;
  readonly baseline: () => unknown;
};

export type Measured = {
  readonly name: string;
  readonly limit: number;
  readonly ratio: number;
  readonly perCallMs: number;
};

const rounds = 15;
const roundMs = 60;

/** In turns, so that whatever else the machine does hits both. */
export function compare({ name, limit, candidate, baseline }: Comparison): Measured {
  for (const warmUp of [candidate, baseline]) timePerCallMs(warmUp);
  const candidateMs: number[] = [];
  const baselineMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    candidateMs.push(timePerCallMs(candidate));
    baselineMs.push(timePerCallMs(baseline));
  }
  const perCallMs = median(candidateMs);
  return { name, limit, ratio: perCallMs / median(baselineMs), perCallMs };
}

function timePerCallMs(work: () => unknown): number {
  const start = performance.now();
  let calls = 0;
  do {
    work();
    calls += 1;
  } while (performance.now() - start < roundMs);
  return (performance.now() - start) / calls;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** Prints a line for each; returns the exit code. */
export function report(all: readonly Measured[]): number {
  for (const { name, limit, ratio, perCallMs } of all) {
    const result = ratio <= limit ? 'ok' : 'FAIL';
    process.stdout.write(
      `${result} ${name}: ${ratio.toFixed(3)} (limit ${limit}), ${perCallMs.toFixed(3)} ms\n`,
    );
  }
  const failed = all.filter(({ ratio, limit }) => !(ratio <= limit)).length;
  process.stdout.write(`${all.length - failed} passed, ${failed} failed\n`);
  return failed > 0 ? 1 : 0;
}
