// Prints Diagnoses in the columns that kubectl shows: the API server makes the table, as it does for kubectl.

type Table = {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly {
    readonly cells: readonly (string | number | null)[];
    readonly object: { readonly metadata: { readonly namespace: string } };
  }[];
};

/** @param url where the API server listens, without credentials */
export async function columns(url: string): Promise<string> {
  const answer = await fetch(`${url}/apis/rootcause.dev/v1alpha1/diagnoses`, {
    headers: { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' },
  });
  const table = (await answer.json()) as Table;
  const shown = table.columnDefinitions.flatMap(({ priority, name }, index) =>
    priority === 0 && name.toLowerCase() !== 'name' ? [index] : [],
  );
  const head = [
    'NAMESPACE',
    ...shown.map((index) => table.columnDefinitions[index]?.name.toUpperCase() ?? ''),
  ];
  const rows = table.rows.map(({ cells, object }) => [
    object.metadata.namespace,
    ...shown.map((index) => String(cells[index] ?? '')),
  ]);
  return aligned([head, ...rows]);
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd((widths[column] ?? 0) + 3))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}
