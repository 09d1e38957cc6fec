// The sentences about failures that are not ours: what it is, and what to do.

import type { Neighbour, PastedNeighbour } from '../model/reported-failure.ts';
import type { NeighbourRow } from '../model/scan.ts';
import { compare } from '../platform/data/compare.ts';

/** `Not one of ours: container app of pod web-0: Secret db-password is missing; …` */
export function neighbourSentence({ neighbour, container, pod, namespace }: PastedNeighbour): string {
  const names = [
    ...(container === undefined ? [] : [`container ${container}`]),
    ...(pod === undefined ? [] : [`pod ${pod}`]),
  ].join(' of ');
  const place = namespace === undefined ? names : `${names} in namespace ${namespace}`;
  return `Not one of ours: ${names === '' ? '' : `${place}: `}${words(neighbour)}.`;
}

/** `Deployment/web in shop, container app: Secret db-password is missing: …` */
export const neighbourLine = ({ namespace, workload, container, neighbour }: NeighbourRow): string =>
  `${workload.kind}/${workload.name} in ${namespace}${container === undefined ? '' : `, container ${container}`}: ${words(neighbour)}`;

function words(neighbour: Neighbour): string {
  switch (neighbour.is) {
    case 'missingObject':
      return `${neighbour.kind} ${neighbour.name} is missing; create it, or mark the reference to it as optional`;
    case 'missingKey':
      return `${neighbour.kind} ${neighbour.name} has no key ${neighbour.key}; add it, or mark the reference to it as optional`;
    case 'unreadCache':
      return `the kubelet has not read the ${neighbour.what} yet; it retries, so see whether it reaches the API server`;
    case 'invalidEnvironmentNames':
      return `keys that no environment variable can be called are left out: ${neighbour.names}`;
    case 'subPath':
      return `the subPath of volumeMount ${neighbour.volumeMount} cannot be prepared; see whether the path is in the volume and may be created there`;
    case 'groupWithoutUser':
      return `runAsGroup${neighbour.group === undefined ? '' : ` ${neighbour.group}`} is set without runAsUser; set runAsUser at the same level, or remove runAsGroup`;
    case 'unknownWindowsAccount':
      return 'the Windows account in windowsOptions.runAsUserName does not exist in the image; use ContainerUser or an account of the image';
    case 'otherConfigError':
      return `CreateContainerConfigError: ${neighbour.message}`;
    default:
      return neighbour satisfies never;
  }
}

/** Sorted, one row for each workload and reason. */
export function neighbourRows(found: readonly NeighbourRow[]): readonly NeighbourRow[] {
  const byPlace = new Map(found.map((row) => [`${row.namespace} ${neighbourLine(row)}`, row]));
  return [...byPlace].toSorted(([one], [other]) => compare(one, other)).map(([, row]) => row);
}
