// Durations as Go writes them: `12h`, `1h30m`, `1.5s`, `0`.

const unitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;

/** In milliseconds, below zero where it begins with a minus; undefined when it is not a duration. */
export function parseGoDurationMs(text: string): number | undefined {
  const unsigned = text.replace(/^[+-]/, '');
  if (text.length > 64) return undefined;
  if (unsigned === '0') return 0;
  if (unsigned === '' || unsigned.replaceAll(part, '') !== '') return undefined;
  const parts = [...unsigned.matchAll(part)];
  const totalMs = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (unitsMs[unit] ?? 0), 0);
  return text.startsWith('-') ? -totalMs : totalMs;
}
