// `rootcause explain`: what an error line, the output of kubectl, a log or an object says, without a cluster.

import { once } from 'node:events';

import { defineCommand, orBadInput } from './command.ts';
import { toggle } from './flags/flag.ts';
import { openTerminal, outputFlag } from './flags/terminal.ts';
import type { ExplainOptions } from './explain/answer-input.ts';

async function run(options: ExplainOptions): Promise<number> {
  const { answerInput } = await import('./explain/answer-input.ts');
  const { stdin, stdout } = process;
  const { complain } = openTerminal();
  if (stdin.isTTY && options.files.length === 0) complain('Paste the text to explain, then press Ctrl-D.\n');
  const write = async (text: string): Promise<void> => {
    if (!stdout.write(text)) await once(stdout, 'drain');
  };
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  return answerInput(options, now, { input: stdin, write, complain });
}

export const explainCommand = defineCommand({
  name: 'explain',
  description:
    'Explain an error line, the output of kubectl describe or kubectl get events, a log, or objects in YAML or JSON. ' +
    'Needs no cluster.',
  argument: ['[files...]', 'files to read; standard input without any, and for -'],
  flags: {
    ...outputFlag,
    lines: toggle('read one JSON object {"id", "text"} per line, and answer each with {"id", "findings"}'),
  },
  examples: [
    ['Explain a pod', 'kubectl -n shop describe pod web-0 | rootcause explain'],
    [
      'Explain a workload, with its patch',
      'kubectl -n shop get deployments,replicasets,pods,events -o yaml | rootcause explain',
    ],
    ['Print the findings in a log as JSON', 'rootcause explain app.log --output json'],
  ],
  options: ({ output, lines }, files): ExplainOptions => ({ files, output, lines }),
  run: async (options) => orBadInput(run(options)),
});
