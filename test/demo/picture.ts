// Draws what a terminal printed as an SVG: `npm run -s demo | node test/demo/picture.ts LINES > docs/demo.svg`.

import { text } from 'node:stream/consumers';

const characterWidth = 7.25;
const lineHeight = 17;
const padding = 16;
const bold = '\u001b[1m';
const normal = '\u001b[0m';
const theme = { background: '#16181d', text: '#d6dae0', bold: '#ffffff', failing: '#ff8a80' };

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (line: string): string => line.replaceAll(/[&<>"]/g, (character) => escapes[character] ?? '');

/** Bold lines are commands; a state of Failing is red, as a person would see it. */
function drawn(line: string, index: number): string {
  const isBold = line.includes(bold);
  const plain = line.replaceAll(bold, '').replaceAll(normal, '');
  const words = escaped(isBold ? `$ ${plain}` : plain).replace(
    /\bFailing\b/,
    `<tspan fill="${theme.failing}">Failing</tspan>`,
  );
  const y = padding + (index + 1) * lineHeight - 4;
  const style = isBold ? ` fill="${theme.bold}" font-weight="bold"` : '';
  return `<text x="${padding}" y="${y}"${style}>${words}</text>`;
}

function picture(lines: readonly string[]): string {
  const width = Math.ceil(Math.max(...lines.map((line) => line.length)) * characterWidth + 2 * padding);
  const height = lines.length * lineHeight + 2 * padding;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<rect width="${width}" height="${height}" rx="8" fill="${theme.background}"/>`,
    `<g fill="${theme.text}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="12" style="white-space: pre">`,
    ...lines.map(drawn),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

const printed = (await text(process.stdin)).split('\n');
const start = printed.findIndex((line) => line.includes(bold));
process.stdout.write(picture(printed.slice(start, start + Number(process.argv[2] ?? '10'))));
