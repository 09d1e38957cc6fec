// Runs a program once, without a shell, within bounds of time and output; it and its children end with the signal.

import { causeCode } from '../../../net/cause-code.ts';
import { Deadline } from '../../../net/deadline.ts';
import { spawn, type ChildProcess } from 'node:child_process';

export type Program = {
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** For its standard input. */
  readonly input: string;
};

type ProgramLimits = { readonly timeMs: number; readonly stdoutBytes: number };

export type ProgramOutcome =
  /** `status` is null when a signal ended it; `stderr` is the end of what it printed there, in whole lines. */
  | ({ readonly is: 'ended'; readonly status: number | null } & ProgramOutput)
  /** With the code of the system, `ENOENT`. */
  | { readonly is: 'notStarted'; readonly code: string }
  | { readonly is: 'stopped'; readonly because: Reason };

type ProgramOutput = { readonly stdout: Buffer; readonly stderr: string };

type Reason = 'time' | 'output' | 'abort';

/** A process group ends with all of its children. */
const hasGroups = process.platform !== 'win32';
const stderrLimit = 4096;

/** Never throws: a failure is an outcome. */
export async function runProgram(
  program: Program,
  limits: ProgramLimits,
  signal: AbortSignal,
): Promise<ProgramOutcome> {
  if (signal.aborted) return { is: 'stopped', because: 'abort' };
  using deadline = new Deadline(signal, limits.timeMs);
  let child: ChildProcess;
  try {
    child = start(program);
  } catch (cause) {
    return { is: 'notStarted', code: causeCode(cause) };
  }
  const done = Promise.withResolvers<ProgramOutcome>();
  let stopped: Reason | undefined;
  const stop = (because: Reason): void => {
    stopped ??= because;
    end(child);
  };
  const onAbort = (): void => stop(deadline.hasPassed ? 'time' : 'abort');
  deadline.signal.addEventListener('abort', onAbort, { once: true });
  const output = collect(child, limits.stdoutBytes, () => stop('output'));
  child.once('error', (cause) => done.resolve({ is: 'notStarted', code: causeCode(cause) }));
  child.once('close', (status) => done.resolve({ is: 'ended', status, ...output() }));
  child.stdin?.end(program.input);
  const outcome = await done.promise;
  deadline.signal.removeEventListener('abort', onAbort);
  return stopped === undefined ? outcome : { is: 'stopped', because: stopped };
}

function start({ path, args, env }: Program): ChildProcess {
  return spawn(path, args, { env, stdio: 'pipe', shell: false, detached: hasGroups, windowsHide: true });
}

/** A program may end before it has read its input: that is not an error. */
function collect(child: ChildProcess, limitBytes: number, onTooMuch: () => void): () => ProgramOutput {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  let stderr = '';
  let isCut = false;
  child.stdout?.on('data', (piece: Buffer) => {
    sizeBytes += piece.length;
    if (sizeBytes > limitBytes) onTooMuch();
    else pieces.push(piece);
  });
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    stderr += piece;
    isCut ||= stderr.length > stderrLimit;
    stderr = stderr.slice(-stderrLimit);
  });
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on('error', () => undefined);
  return () => {
    const stdout = Buffer.concat(pieces);
    for (const piece of pieces) piece.fill(0);
    // Half a line may be half a secret, which no pattern recognises.
    return { stdout, stderr: isCut ? stderr.replace(/^[^\n]*\n?/, '') : stderr };
  };
}

/** Its streams are closed too: a grandchild in another group may hold them open indefinitely. */
function end(child: ChildProcess): void {
  try {
    if (hasGroups && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
}
