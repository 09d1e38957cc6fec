import { expect, test } from '@jest/globals';

import { plainLook } from './look.ts';
import { tableText, type Column } from './table.ts';

type Row = { readonly name: string; readonly fix: string; readonly pods: string };

const columns: readonly Column<Row>[] = [
  { title: 'NAME', cell: ({ name }) => name, style: () => 'failing' },
  { title: 'FIX', cell: ({ fix }) => fix, least: 10 },
  { title: 'PODS', cell: ({ pods }) => pods },
];
const row = (name: string, fix: string): Row => ({ name, fix, pods: '2/2' });
const table = (width: number, ...rows: readonly Row[]): readonly string[] =>
  tableText(columns, rows, { ...plainLook, width }).split('\n');

test('columns are as wide as their widest cell, and an empty cell is a dash', () => {
  expect(table(100, row('web', 'runAsUser 10001'), row('billing-api', ''))).toEqual([
    'NAME         FIX              PODS',
    'web          runAsUser 10001  2/2',
    'billing-api  -                2/2',
    '',
  ]);
});

test('what is too wide is cut between words, down to the least, and a name never', () => {
  const wide = row('billing-api', 'rebuild the image with a non-root USER');
  for (const width of [40, 50, 54]) {
    const lines = table(width, wide);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(lines[1]).toMatch(/^billing-api  rebuild( the( image( with( a( non-root)?)?)?)?)?… +2\/2$/);
  }
  expect(table(10, wide)[1]).toBe('billing-api  rebuild…    2/2');
});

test('a word that is too long is cut in itself', () => {
  expect(table(30, row('web', 'x'.repeat(40)))[1]).toMatch(/^web   x+…  2\/2$/);
});

test('only text is painted, and no control character of a cell reaches the terminal', () => {
  const paint = (style: string | undefined, text: string): string => (style ? `<${text}>` : text);
  expect(tableText(columns, [row('a\u001B[2J\nb', 'x')], { ...plainLook, paint }).split('\n')).toEqual([
    '<NAME>     <FIX>  <PODS>',
    '<a\uFFFD[2J\uFFFDb>  x    2/2',
    '',
  ]);
});
