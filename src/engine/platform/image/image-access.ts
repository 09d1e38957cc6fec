// Whether a process may do what it was denied, by the owners and modes that its image has: which confirms or refutes that
// the image is why.

import type { FoundAccess, ImageConfig, SoughtAccess, InquiryStep } from '../../model/image.ts';
import { obstacle } from './access.ts';
import type { AccessKind, ImagePlace, Process } from './access.ts';
import { findPath, pathsTo } from './image-path.ts';
import type { Image } from './image-path.ts';
import { processOf } from './run-identity.ts';
import { lookUp } from './image-user.ts';
import { namesOf } from './layer-tree.ts';
import { shown } from './shown.ts';
import { answer, both, chain, map } from './join-inquiries.ts';

/** Characters of a path. */
const longest = 256;

/** Of these the image says nothing: kubelet and runtime put their own there. */
const mounted = [
  'dev',
  'proc',
  'sys',
  'etc/hostname',
  'etc/hosts',
  'etc/resolv.conf',
  'run/secrets/kubernetes.io',
  'var/run/secrets/kubernetes.io',
];

/** Everything that can be asked for at once. */
export function accessPaths(config: ImageConfig, sought: SoughtAccess): readonly string[] {
  const path = pathOf(config, sought);
  return path === undefined ? [] : pathsTo(path);
}

/**
 * What the image says of it. A path that is not there would have to be made, so the deepest directory on the way to it
 * decides. Undefined where the image does not decide, or does not tell.
 */
export function accessTo(
  config: ImageConfig,
  sought: SoughtAccess,
  image: Image,
): InquiryStep<FoundAccess | undefined> {
  const path = pathOf(config, sought);
  if (path === undefined) return answer(undefined);
  const decides = both(placeFor(config, sought, path, image), whoIs(sought, image));
  return chain(decides, ([place, who]): InquiryStep<FoundAccess | undefined> =>
    place ? foundAt(place, who, usesOf(place, sought), image) : answer(undefined),
  );
}

/** From the root on. What was cut or made printable is another path, and only a shell knows where `~` is. */
function pathOf({ workingDir }: ImageConfig, { path, wanted }: SoughtAccess): string | undefined {
  if (path === '' || path.length > longest || /[\0\uFFFD]|^~|…$/.test(path)) return undefined;
  // One without a slash that is executed is looked for in PATH.
  if (wanted === 'execute' && !path.includes('/')) return undefined;
  const whole = path.startsWith('/') ? path : `${workingDir}/${path}`;
  return isMounted(whole) ? undefined : whole;
}

const isMounted = (path: string): boolean => mounted.some((place) => isIn(path, place));

/** True for the directory itself as well. */
function isIn(path: string, directory: string): boolean {
  const names = namesOf(path);
  return namesOf(directory).every((name, at) => names[at] === name);
}

/** What decides: what lies at the path after all links, else the directory that its first missing part lies in. */
function placeFor(
  config: ImageConfig,
  { wanted }: SoughtAccess,
  path: string,
  image: Image,
): InquiryStep<ImagePlace | undefined> {
  return chain(findPath(image, path), (found): InquiryStep<ImagePlace | undefined> => {
    if (found.is === 'broken' || found.is === 'unclear' || isMounted(found.path)) return answer(undefined);
    if (found.is !== 'missing') return answer(found);
    if (wanted === 'read' || wanted === 'execute' || isMadeAtStart(config, found.path))
      return answer(undefined);
    // A file whose directory is not there is not denied: it is missing as well.
    if (wanted === 'write' && found.hasMore) return answer(undefined);
    const above = namesOf(found.path).slice(0, -1).join('/');
    return map(findPath(image, above), (parent) => (parent.is === 'directory' ? parent : undefined));
  });
}

/** Runtimes make WORKDIR and VOLUMEs where the image has none, with all above them. */
const isMadeAtStart = ({ workingDir, volumes }: ImageConfig, missing: string): boolean =>
  [workingDir, ...volumes].some((path) => isIn(path, missing));

const whoIs = ({ uid, gid }: SoughtAccess, image: Image): InquiryStep<Process> =>
  chain(
    lookUp(image, (entry) => entry.uid === BigInt(uid)),
    (passwd) => processOf({ uid, gid }, passwd, image),
  );

type Uses = { readonly wanted: readonly AccessKind[]; readonly may: string };

/** To make something in a directory takes passing it as well. */
function usesOf({ is }: ImagePlace, { wanted }: SoughtAccess): Uses {
  if (wanted === 'execute')
    return { wanted: ['execute'], may: is === 'directory' ? 'open to' : 'executable by' };
  const [access, may] =
    wanted === 'read' ? (['read', 'readable by'] as const) : (['write', 'writable by'] as const);
  return { wanted: is === 'directory' ? [access, 'execute'] : [access], may };
}

function foundAt(
  place: ImagePlace,
  who: Process,
  { wanted, may }: Uses,
  image: Image,
): InquiryStep<FoundAccess> {
  const path = shown(`/${place.path}`);
  return map(obstacle(image, who, place, wanted), (why) =>
    why === undefined
      ? { detail: `${path} is ${may} ${who.uid}`, isAllowed: true }
      : { detail: `${path} ${why} and not ${may} ${who.uid}`, isAllowed: false },
  );
}
