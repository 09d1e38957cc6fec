// What came of one scenario or check, and how a run of them is told: one line each, the failures again at the end.

export type Outcome = {
  readonly name: string;
  /** `later`: belongs to a later issue, and is silent as it must be until then. */
  readonly result: 'ok' | 'FAIL' | 'skip' | 'later';
  /** For a failure what was expected and what was there; else remarks. */
  readonly details: readonly string[];
};

/** Runs a check; whatever it throws is its failure. */
export async function attempt(
  name: string,
  work: () => Promise<Outcome | readonly string[]>,
): Promise<Outcome> {
  try {
    const result = await work();
    const outcome = isOutcome(result) ? result : verdict(name, result);
    print(outcome);
    return outcome;
  } catch (error) {
    const outcome: Outcome = { name, result: 'FAIL', details: [reasonOf(error)] };
    print(outcome);
    return outcome;
  }
}

/** What was aborted says so, and its cause says why. */
export function reasonOf(error: unknown): string {
  const told = error instanceof Error && error.name === 'AbortError' ? (error.cause ?? error) : error;
  return told instanceof Error ? told.message : String(told);
}

/** A check that complains has failed. */
export function verdict(name: string, complaints: readonly string[]): Outcome {
  return { name, result: complaints.length > 0 ? 'FAIL' : 'ok', details: complaints };
}

/** Prints the failures again and the counts as the last line; returns the exit code. */
export function conclude(outcomes: readonly Outcome[]): number {
  const of = (result: Outcome['result']) => outcomes.filter((one) => one.result === result);
  const [later, failed] = [of('later'), of('FAIL')];
  if (later.length > 0) write(`belonging to a later issue: ${later.map(({ name }) => name).join(', ')}`);
  failed.forEach(print);
  write(`${of('ok').length} passed, ${failed.length} failed`);
  return failed.length > 0 ? 1 : 0;
}

function isOutcome(result: Outcome | readonly string[]): result is Outcome {
  return !Array.isArray(result);
}

function print({ name, result, details }: Outcome): void {
  write(details.length > 0 ? `${result} ${name}: ${details.join('; ')}` : `${result} ${name}`);
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
