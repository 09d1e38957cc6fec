// The contract table that the tests' embedded API server passes, held against the real one.

import { execFile } from 'node:child_process';
import type { Ground } from './check.ts';
import type { Complaints } from '../until.ts';

export function contract({ cluster, signal }: Ground): Promise<Complaints> {
  const env = { ...process.env, KUBECONFIG_CONTRACT: cluster.environment.KUBECONFIG };
  const args = ['--silent', 'test', '--', 'test/apiserver/contract', '--runInBand'];
  return new Promise((done) => {
    execFile('npm', args, { env, signal, timeout: 300_000, maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
      done(error ? failures(stdout + stderr) : []);
    });
  });
}

const mostLines = 20;

function failures(output: string): Complaints {
  const marked = output.split('\n').filter((line) => /^\s*●|✕|FAIL|Error/.test(line));
  return (marked.length > 0 ? marked : output.split('\n').slice(-mostLines)).slice(0, mostLines);
}
