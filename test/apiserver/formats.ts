// How objects are written down: whole, as metadata only, or as the rows of a table.

import { jsonText, omit, type Fields, type KubeObject } from './object.ts';
import { apiVersionOf, type Resource } from './resource.ts';
import { tableColumns, tableRow } from './table.ts';

export type Format = 'Whole' | 'PartialObjectMetadata' | 'Table';

/** The first form in `Accept` that the server has. */
export function formatOf(accept: string): Format {
  for (const form of accept.split(',')) {
    if (/;\s*as=Table\b/.test(form)) return 'Table';
    if (/;\s*as=PartialObjectMetadata/.test(form)) return 'PartialObjectMetadata';
    if (/^\s*(application\/json|\*\/\*|application\/\*)\s*(;|$)/.test(form) && !form.includes('as='))
      return 'Whole';
  }
  return 'Whole';
}

/** One object; `isFirst` of a stream of tables brings the columns. */
export function formatObject(resource: Resource, object: KubeObject, format: Format, isFirst = true): Fields {
  if (format === 'Whole') return object;
  if (format === 'PartialObjectMetadata') return metadataOnly(object);
  const resourceVersion = object.metadata.resourceVersion ?? '';
  return table(resource, [object], { resourceVersion }, isFirst);
}

/** A list as JSON text. Objects of built-in kinds are listed without their kind, as the real server does it. */
export function formatList(
  resource: Resource,
  objects: readonly KubeObject[],
  metadata: Fields,
  format: Format,
): string {
  if (format === 'Table') return jsonText(table(resource, objects, metadata, true));
  const isPartial = format === 'PartialObjectMetadata';
  const apiVersion = isPartial ? 'meta.k8s.io/v1' : apiVersionOf(resource);
  const kind = isPartial ? 'PartialObjectMetadataList' : `${resource.kind}List`;
  const items = objects.map((object) => itemText(resource, object, isPartial)).join(',');
  // Field order is the real one's: built-in kinds follow the declaration, custom ones the alphabet.
  return resource.custom && !isPartial
    ? `{"apiVersion":${jsonText(apiVersion)},"items":[${items}],"kind":${jsonText(kind)},"metadata":${jsonText(metadata)}}\n`
    : `{"kind":${jsonText(kind)},"apiVersion":${jsonText(apiVersion)},"metadata":${jsonText(metadata)},"items":[${items}]}\n`;
}

// Objects never change once stored, so their text is worth keeping: lists of thousands are mostly this.
const texts = new WeakMap<KubeObject, string>();

function itemText(resource: Resource, object: KubeObject, isPartial: boolean): string {
  if (isPartial) return jsonText(metadataOnly(object));
  const found = texts.get(object) ?? jsonText(resource.custom ? object : omit(object, 'apiVersion', 'kind'));
  texts.set(object, found);
  return found;
}

function metadataOnly({ metadata }: KubeObject): Fields {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

function table(
  resource: Resource,
  objects: readonly KubeObject[],
  metadata: Fields,
  withColumns: boolean,
): Fields {
  const columns = tableColumns(resource);
  const rows = objects.map((object) => ({ cells: tableRow(columns, object), object: metadataOnly(object) }));
  const columnDefinitions = withColumns
    ? columns.map(({ name, type, format, description, priority }) => ({
        name,
        type,
        format,
        description,
        priority,
      }))
    : null;
  return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions, rows };
}

/** The object of a BOOKMARK event: nothing but how far the stream is. */
export function bookmarkObject(resource: Resource, version: number, isEndOfInitialEvents: boolean): Fields {
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  const metadata = { resourceVersion: String(version), ...(isEndOfInitialEvents && { annotations }) };
  return { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata };
}
