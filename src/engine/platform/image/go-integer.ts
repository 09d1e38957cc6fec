// Integers as Go's strconv reads them, since the kubelet, containerd and runc all do.

const largest = 2n ** 63n - 1n;
const smallest = -largest - 1n;

/** A base-10 integer of 64 bits, with or without a sign; zeros in front do not count. Undefined where Go has an error. */
export function int64(text: string): bigint | undefined {
  const value = integer(text);
  return value === undefined || value > largest || value < smallest ? undefined : value;
}

/** The same where the error is ignored, as in passwd files: 0 for what is no number, the nearest number out of range. */
export function lenientInt64(text: string): bigint {
  const value = integer(text) ?? 0n;
  return value > largest ? largest : value < smallest ? smallest : value;
}

/** More than nineteen digits are out of range, whichever they are. */
function integer(text: string): bigint | undefined {
  const parts = /^([+-]?)0*([0-9]+)$/.exec(text);
  const digits = parts?.[2];
  if (digits === undefined) return undefined;
  const size = digits.length > 19 ? largest + 2n : BigInt(digits);
  return parts?.[1] === '-' ? -size : size;
}
