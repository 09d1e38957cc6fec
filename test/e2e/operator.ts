// The operator under test, as a child process that serves on a loopback port.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import type { Complaints } from './until.ts';
import { demand } from './until.ts';

export type Operator = {
  readonly pid: number;
  /** Lines of its log, oldest first, the newest two thousand. */
  log(): readonly string[];
  /** Lines at level error or above, and lines that are no JSON at all. */
  troubles(): Complaints;
  /** Serves `/metrics`, `/healthz`, `/readyz`. */
  get(path: string): Promise<{ readonly statusCode: number; readonly text: string }>;
  /** Asks it to end, and complains unless it does so with exit code 0 in time. */
  stop(): Promise<Complaints>;
  readonly exited: Promise<number | string>;
};

/** `command` without the flags: `['node', 'src/main.ts', 'operator']`. */
export type Launch = {
  readonly command: readonly [string, ...string[]];
  readonly kubeconfig: string;
  readonly flags?: readonly string[];
  readonly signal: AbortSignal;
};

const keptLines = 2000;
const endLimitMs = 5000;

/** Resolves once it says that it is ready. */
export async function startOperator({ command, kubeconfig, flags = [], signal }: Launch): Promise<Operator> {
  const listen = `127.0.0.1:${await freePort()}`;
  const [program, ...rest] = command;
  const args = [...rest, '--kubeconfig', kubeconfig, '--listen', listen, ...flags];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
  const lines = collect(child);
  const exited = new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, killedBy) => resolve(code ?? killedBy ?? 'unknown'));
  });
  signal.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
  const get = (path: string) => fetchText(`http://${listen}${path}`);
  await ready(get, exited, lines, signal);
  return {
    pid: child.pid ?? 0,
    log: () => lines,
    troubles: () => lines.filter(isTrouble),
    get,
    stop: () => stop(child, exited),
    exited,
  };
}

/** Nothing of our own environment may configure the operator. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(ROOTCAUSE_|KUBECONFIG$)/.test(name));
  // As the image has it: see the Dockerfile.
  return { ...Object.fromEntries(kept), MALLOC_ARENA_MAX: '1' };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

function collect(child: ChildProcess): string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      if (lines.length >= keptLines) lines.shift();
      lines.push(line);
    });
  }
  return lines;
}

const errorLevel = 50;

function isTrouble(line: string): boolean {
  try {
    const { level }: { level?: number | string } = JSON.parse(line);
    return typeof level === 'number' ? level >= errorLevel : level === 'error' || level === 'fatal';
  } catch {
    return true;
  }
}

async function fetchText(url: string) {
  const { statusCode, body } = await request(url);
  return { statusCode, text: await body.text() };
}

async function ready(
  get: Operator['get'],
  exited: Operator['exited'],
  lines: readonly string[],
  signal: AbortSignal,
) {
  const unready = async () => {
    const answer = await get('/readyz').catch((error: unknown) => ({ statusCode: 0, text: String(error) }));
    return answer.statusCode === 200 ? [] : [`/readyz says ${answer.statusCode} ${answer.text}`.trim()];
  };
  const ended = exited.then((code) => {
    throw new Error(`the operator ended with ${code}: ${lines.slice(-5).join(' | ')}`);
  });
  await Promise.race([demand('the operator', unready, { limitMs: 60_000, signal }), ended]);
}

async function stop(child: ChildProcess, exited: Operator['exited']): Promise<Complaints> {
  child.kill('SIGTERM');
  const late = Symbol('late');
  const code = await Promise.race([exited, delay(endLimitMs, late)]);
  if (code === 0) return [];
  if (code !== late) return [`ended with ${String(code)} at SIGTERM`];
  child.kill('SIGKILL');
  await exited;
  return [`had not ended ${endLimitMs / 1000} s after SIGTERM`];
}
