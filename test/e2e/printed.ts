// Commands exactly as they are printed, run by the shell that a person may have.

import { execFile } from 'node:child_process';
import { delimiter, dirname } from 'node:path';

import type { RecordedFix } from '../../src/engine/model/diagnosis.ts';
import type { Cluster } from './cluster.ts';

/** The command of a fix and those of the steps after it, in their order. */
export async function runAsPrinted({ command, followUp = [] }: RecordedFix, cluster: Cluster): Promise<void> {
  if (command === undefined) throw new Error('the fix has no command');
  await run(command, cluster);
  for (const step of followUp) {
    const [, next] = /: (kubectl .*)$/.exec(step) ?? [];
    if (next !== undefined) await run(next, cluster); // else it is for a person
  }
}

async function run(command: string, { environment }: Cluster): Promise<void> {
  const path = [dirname(environment.KUBECTL), process.env['PATH']].join(delimiter);
  const options = { env: { ...process.env, ...environment, PATH: path }, timeout: 120_000 };
  await new Promise<void>((resolve, reject) => {
    execFile('sh', ['-c', command], options, (error, _stdout, stderr) =>
      error ? reject(new Error(`${command}: ${stderr.trim() || error.message}`)) : resolve(),
    );
  });
}
