// What `kubectl get diagnoses` prints.

import type { Ground } from './check.ts';
import type { Complaints } from '../until.ts';

const columns = ['WORKLOAD', 'CAUSE', 'CONTAINER', 'USER', 'FIX', 'PODS', 'STATE', 'AGE'];

export async function table({ cluster }: Ground): Promise<Complaints> {
  const narrow = headings(await cluster.kubectl(['get', 'dx', '-A']));
  const wide = headings(await cluster.kubectl(['get', 'diag', '-A', '-o', 'wide']));
  return [
    ...columns
      .filter((one) => !narrow.includes(one))
      .map((one) => `column ${one} is missing from: ${narrow.join(' ')}`),
    ...['IMAGE', 'SUMMARY']
      .filter((one) => narrow.includes(one))
      .map((one) => `column ${one} belongs to -o wide`),
    ...['IMAGE', 'SUMMARY']
      .filter((one) => !wide.includes(one))
      .map((one) => `column ${one} is missing from -o wide`),
  ];
}

function headings(printed: string): readonly string[] {
  return (printed.split('\n')[0] ?? '').split(/\s+/);
}
