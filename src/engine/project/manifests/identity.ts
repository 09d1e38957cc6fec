// Objects as people give them: in lists, and without what they took out.

import { printableLine } from '../../platform/data/printable.ts';
import { isObject, listAt, objectAt, textAt } from '../../platform/data/field.ts';

/** `object` has a name, a namespace and a uid, if need be one that is made up. */
export type GivenObject = {
  readonly kind: string;
  readonly apiVersion: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly object: unknown;
  /** False where `namespace` is made up. */
  readonly isNamespaceKnown: boolean;
};

const maxItems = 100_000;
const madeUp = 'given-';
/** Where kubectl would look for it. */
const anyNamespace = 'default';

/** The items of a list of whatever kind, which may leave out what they are. */
export function listed(object: unknown): readonly unknown[] {
  const kind = textAt(object, 'kind') ?? '';
  if (!kind.endsWith('List') || !isObject(object) || !Array.isArray(object['items'])) return [object];
  const type = { apiVersion: textAt(object, 'apiVersion') ?? '', kind: kind.slice(0, -'List'.length) };
  return listAt(object, 'items')
    .slice(0, maxItems)
    .flatMap((item) => (isObject(item) ? [type.kind === '' ? item : { ...type, ...item }] : []));
}

/** What people still have in files: API versions that are gone, of kinds that are not. */
const newer: Readonly<Record<string, string>> = {
  'extensions/v1beta1 Deployment': 'apps/v1',
  'extensions/v1beta1 DaemonSet': 'apps/v1',
  'extensions/v1beta1 ReplicaSet': 'apps/v1',
  'batch/v1beta1 CronJob': 'batch/v1',
  'v1 DeploymentConfig': 'apps.openshift.io/v1',
};

export function identified(given: unknown, index: number): GivenObject {
  const object = asCoreEvent(given);
  const metadata = objectAt(object, 'metadata');
  const name = wordAt(metadata, 'name') || wordAt(metadata, 'generateName') || `${madeUp}${index}`;
  const known = wordAt(metadata, 'namespace');
  const namespace = known || anyNamespace;
  const uid = textAt(metadata, 'uid') || `${madeUp}${index}`;
  return {
    kind: textAt(object, 'kind') ?? '',
    apiVersion:
      newer[`${textAt(object, 'apiVersion')} ${textAt(object, 'kind')}`] ??
      textAt(object, 'apiVersion') ??
      '',
    name,
    namespace,
    uid,
    object: { ...(isObject(object) && object), metadata: { ...metadata, name, namespace, uid } },
    isNamespaceKnown: Boolean(known),
  };
}

/** A file may hold any text where a name should stand; that of an object is one line. */
const wordAt = (value: unknown, field: string): string => printableLine(textAt(value, field) ?? '');

/** The same Event has other names for its fields in the newer group. */
function asCoreEvent(object: unknown): unknown {
  if (!isObject(object) || !isObject(object['regarding'])) return object;
  return {
    ...object,
    involvedObject: object['regarding'],
    message: textAt(object, 'note'),
    source: { component: textAt(object, 'deprecatedSource', 'component') },
    reportingComponent: textAt(object, 'reportingController'),
    lastTimestamp: textAt(object, 'deprecatedLastTimestamp') ?? undefined,
  };
}

/** Audit logs have a kind of the same name. */
export const isEvent = ({ kind, apiVersion }: GivenObject): boolean =>
  kind === 'Event' && /^(?:v1|events\.k8s\.io\/.*)?$/.test(apiVersion);

/** Whether an Event is about one of the objects that were given. */
export function isTold({ object }: GivenObject, uids: ReadonlySet<string>): boolean {
  return uids.has(textAt(objectAt(object, 'involvedObject'), 'uid') ?? '');
}
