// Draws what the demo printed as an SVG: `npm run -s demo | node test/demo/picture.ts > docs/demo.svg`.

import { text } from 'node:stream/consumers';

const characterWidth = 7.25;
const lineHeight = 17;
const padding = 16;
const theme = { background: '#16181d', text: '#d6dae0', bold: '#ffffff', bad: '#ff8a80', good: '#9ccc65' };

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (line: string): string => line.replaceAll(/[&<>"]/g, (character) => escapes[character] ?? '');

/** Commands are bold. Colours are those that a person would expect of the words. */
function drawn(line: string, index: number): string {
  const words = escaped(line)
    .replaceAll(/\b(Failing|CreateContainerConfigError)\b/g, `<tspan fill="${theme.bad}">$1</tspan>`)
    .replaceAll(/\b(Running|Resolved)\b/g, `<tspan fill="${theme.good}">$1</tspan>`);
  const y = padding + (index + 1) * lineHeight - 4;
  const style = line.startsWith('$ ') ? ` fill="${theme.bold}" font-weight="bold"` : '';
  return `<text x="${padding}" y="${y}"${style}>${words}</text>`;
}

export function picture(printed: string): string {
  const lines = printed.trim().split('\n');
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

if (import.meta.main) process.stdout.write(picture(await text(process.stdin)));
