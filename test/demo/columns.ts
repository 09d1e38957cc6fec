// Objects in the columns that kubectl shows. Those of a Diagnosis come from the API server, as they do for kubectl.

import { plainLook } from '../../src/engine/report/look.ts';
import { tableText, type Column } from '../../src/engine/report/table.ts';
import type { ApiServer } from '../apiserver/api-server.ts';
import { asList, asText, at, type KubeObject } from '../apiserver/object.ts';

type Table = {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly (string | number | null)[] }[];
};

/** Without the age, which would differ each time. */
export async function diagnosisTable(url: string, namespace: string): Promise<string> {
  const answer = await fetch(`${url}/apis/rootcause.dev/v1alpha1/namespaces/${namespace}/diagnoses`, {
    headers: { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' },
  });
  const { columnDefinitions, rows } = (await answer.json()) as Table;
  const columns = columnDefinitions.flatMap(({ priority, name }, index): Column<Table['rows'][number]>[] =>
    priority > 0 || ['name', 'age'].includes(name.toLowerCase())
      ? []
      : [{ title: name.toUpperCase(), cell: ({ cells }) => String(cells[index] ?? '') }],
  );
  return tableText(columns, rows, plainLook);
}

export const podTable = (server: ApiServer): string => tableText(podColumns, server.list('Pod'), plainLook);

const statusOf = (pod: KubeObject) => asList(at(pod['status'], 'containerStatuses'))[0];

const podColumns: readonly Column<KubeObject>[] = [
  { title: 'NAME', cell: ({ metadata }) => metadata.name },
  { title: 'READY', cell: (pod) => (at(statusOf(pod), 'ready') === true ? '1/1' : '0/1') },
  {
    title: 'STATUS',
    cell: (pod) =>
      asText(at(statusOf(pod), 'state', 'waiting', 'reason')) || asText(at(pod['status'], 'phase')),
  },
];
