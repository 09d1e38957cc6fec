// Takes off what stands in front of every line of a text: quote marks, times, what runtimes and Docker write around a log.

import { jsonIn, textAt } from '../../platform/data/field.ts';

/** As kubelets and containerd keep a log, and as `kubectl logs --timestamps` prints it. */
const beforeLine: readonly RegExp[] = [
  /^\s*>[ \t]?/,
  /^\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) [FP] /,
  /^\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d) /,
];

/** Docker's own form of a log, one object a line. */
const dockerLine = /^\{"log":"(?:[^"\\]|\\.)*","stream":"(?:stdout|stderr)"/;

const maxIndent = 200;

/** The lines without what all of them begin with; in the order in which such things are put around each other. */
export function plainLines(lines: readonly string[]): readonly string[] {
  const logged = isEach(lines, dockerLine) ? lines.map(logOf) : lines;
  const bare = beforeLine.reduce(
    (rest, before) => (isEach(rest, before) ? rest.map((line) => line.replace(before, '')) : rest),
    logged,
  );
  const indents = bare.filter(isFilled).map((line) => /^[ \t]*/.exec(line)?.[0] ?? '');
  const [first = ''] = indents;
  const common = indents.every((indent) => indent.startsWith(first)) ? first.slice(0, maxIndent) : '';
  return common === '' ? bare : bare.map((line) => line.slice(common.length));
}

const isFilled = (line: string): boolean => line.trim() !== '';

const isEach = (lines: readonly string[], form: RegExp): boolean =>
  lines.some(isFilled) && lines.every((line) => !isFilled(line) || form.test(line));

const logOf = (line: string): string => (textAt(jsonIn(line), 'log') ?? line).replace(/\n$/, '');
