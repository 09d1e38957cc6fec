// Rows under headings. Where that is wider than it may be, the columns that may be cut are cut between words.

import { printable } from '../platform/data/printable.ts';
import type { Look, Style } from './look.ts';

export type Column<Row> = {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly style?: (row: Row) => Style | undefined;
  /** How few characters it may be cut to; a column without it is never cut, as names are there to be copied. */
  readonly least?: number;
};

const gap = '  ';

const maxCell = 256;

/** Several lines, the last one ended. */
export function tableText<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, paint }: Look,
): string {
  const cells = rows.map((row) => columns.map(({ cell }) => printable(cell(row), maxCell) || '-'));
  const widths = widthsWithin(columns, cells, width);
  const line = (texts: readonly string[], styles: readonly (Style | undefined)[]): string =>
    texts
      .map((text, at) => {
        const shown = cut(text, widths[at] ?? 0);
        return paint(styles[at], shown) + ' '.repeat((widths[at] ?? 0) - shown.length);
      })
      .join(gap)
      .trimEnd();
  const heading = line(
    columns.map(({ title }) => title),
    columns.map(() => 'heading'),
  );
  const lines = rows.map((row, at) =>
    line(
      cells[at] ?? [],
      columns.map(({ style }) => style?.(row)),
    ),
  );
  return `${[heading, ...lines].join('\n')}\n`;
}

/** The widest of the columns that may be cut gives first. */
function widthsWithin(
  columns: readonly Column<never>[],
  cells: readonly (readonly string[])[],
  width: number,
): readonly number[] {
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...cells.map((row) => row[at]?.length ?? 0)),
  );
  const total = (): number => widths.reduce((sum, each) => sum + each + gap.length, -gap.length);
  const spare = (at: number): number =>
    (widths[at] ?? 0) - Math.max(columns[at]?.least ?? Infinity, columns[at]?.title.length ?? 0);
  while (total() > width) {
    const widest = columns.map((_, at) => at).toSorted((a, b) => spare(b) - spare(a))[0] ?? 0;
    if (spare(widest) <= 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** Ends with the last whole word that fits; a single word that is too long is cut in itself. */
function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  const fits = text.slice(0, width);
  const end = fits.search(/[\s:,(]+\S*$/);
  return `${end > 0 ? fits.slice(0, end) : fits.slice(0, -1)}…`;
}
