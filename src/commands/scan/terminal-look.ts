// How an answer looks on a terminal, and in a file or a pipe.

import { styleText } from 'node:util';

import { plainLook, type Look, type Style } from '../../engine/report/look.ts';

const formats: Readonly<Record<Style, 'bold' | 'red' | 'green' | 'yellow'>> = {
  heading: 'bold',
  failing: 'red',
  proved: 'green',
  unproved: 'yellow',
};

/** Node decides about colour, from the terminal and from NO_COLOR, FORCE_COLOR and TERM. */
export function lookOf(stream: NodeJS.WriteStream): Look {
  const paint: Look['paint'] = (style, text) => (style ? styleText(formats[style], text, { stream }) : text);
  if (!stream.isTTY) return { ...plainLook, paint };
  return { width: stream.columns, wrapAt: stream.columns, paint };
}
