// What container runtimes say of a user or group that the image lacks, or of an id that its user namespace lacks.

import { originAt, type Squeezed } from '../paste/squeeze.ts';

export type RuntimeFamily = 'user' | 'group' | 'passwd-file' | 'userns-unmapped';

/** Where such a sentence stands in the squeezed text. */
export type RuntimeSentence = {
  readonly family: RuntimeFamily;
  readonly start: number;
  readonly end: number;
  /** Where the name stands that it prints, if it prints one. */
  readonly name?: readonly [start: number, end: number];
};

type RuntimeForm = {
  /** Its first group is the name, or the file that decides the family. */
  readonly form: RegExp;
  readonly family: RuntimeFamily | 'by file';
  readonly isNaming?: true;
  /** What must stand in front. */
  readonly after?: RegExp;
  readonly notAfter?: RegExp;
};

/** How far in front the runtime may name itself, in characters without blanks. */
const reach = 1500;
/** Sentences of one form that are read in one text. */
const maxPlaces = 32;

/** containerd looks names up in the image's files while it makes the container, and prints no name. */
const inContainerd = /(?:mountcallbackfailedon|createcontainerdcontainer:)[^"]*:$/;
/** Entrypoints that change the user themselves print the same words: gosu is not the runtime. */
const bySwitcher = /failedswitchingto"[^"]*":$/;
/** Layers are unpacked before there is a container; the id is that of a file. */
const ofLayer = /registerlayer|tarfile|pullimage|imagepull|copyfile|id-mappedcopy|copyingsystemimage/;

const forms: readonly RuntimeForm[] = [
  // moby/sys, which is in Docker, CRI-O, podman and runc
  {
    form: /unabletofinduser((?:(?!unabletofind)[\s\S]){0,300}?):nomatchingentriesinpasswd(?:file)?/dg,
    family: 'user',
    isNaming: true,
    notAfter: bySwitcher,
  },
  {
    form: /unabletofindgroup((?:(?!unabletofind)[\s\S]){0,300}?):nomatchingentriesingroup(?:file)?/dg,
    family: 'group',
    isNaming: true,
    notAfter: bySwitcher,
  },
  { form: /(?<=^|error:|[\])"])nomatchingentriesin(passwd|group)file/dg, family: 'by file' },
  { form: /(?<=:)no(user|group)sfound/dg, family: 'by file', after: inContainerd },
  {
    form: /(?<=:)open(?:at)?[^:"]{0,600}etc\/(passwd|group):(?:nosuchfileordirectory|pathescapesfromparent|notadirectory)/dg,
    family: 'by file',
    after: inContainerd,
  },
  { form: /cannotset[ug]idtounmapped(?:user|group)inusernamespace/dg, family: 'userns-unmapped' },
  {
    form: /(?:unableto)?setupuser:(?:set[a-z]{2,9}(?:\(\d{1,10}\))?:)?invalidargument/dg,
    family: 'userns-unmapped',
  },
  {
    form: /cannotuseuidmappingorgidmappingif(?:runasuserisnotset|notrunningasroot)?/dg,
    family: 'userns-unmapped',
  },
  {
    form: /containerid\d{1,12}cannotbemappedtoahostid/dg,
    family: 'userns-unmapped',
    notAfter: ofLayer,
  },
];

/** crun prints the system call alone, as other programs do. */
const crun: RuntimeForm = {
  form: /(?:cannot)?set(?:groups|res[ug]id|[ug]id)(?:\(\d{1,10}\)|to\d{1,10})?:invalidargument/dg,
  family: 'userns-unmapped',
};
/** So nothing but a runtime's own words may stand in front of it in its line. */
const crunsOwn =
  /(?:^[\s>"'`\\]*|(?:^|[^a-z])(?:crun|runc|oci runtime error|(?:create|start) failed|(?:create|run)containererror|error|\d\dz|process):\s*["'`\\]*|msg=\\*"|desc = )$/i;

/** In the order of the text. */
export function runtimeSentencesIn(paste: Squeezed): readonly RuntimeSentence[] {
  const places = forms.flatMap((form) => placesOf(form, paste));
  const ofCrun = placesOf(crun, paste).filter(({ start }) => crunsOwn.test(lineBefore(paste, start)));
  return [...places, ...ofCrun].toSorted((one, other) => one.start - other.start);
}

function placesOf(
  { form, family, isNaming, after, notAfter }: RuntimeForm,
  { lower }: Squeezed,
): readonly RuntimeSentence[] {
  const found: RuntimeSentence[] = [];
  for (const match of lower.matchAll(form)) {
    if (found.length === maxPlaces) break;
    const before = lower.slice(Math.max(0, match.index - reach), match.index);
    if ((after && !after.test(before)) || notAfter?.test(before)) continue;
    const name = isNaming ? match.indices?.[1] : undefined;
    found.push({
      family: family === 'by file' ? familyOf(match[1], match[0]) : family,
      start: match.index,
      end: match.index + match[0].length,
      ...(name && { name }),
    });
  }
  return found;
}

function familyOf(file: string | undefined, said: string): RuntimeFamily {
  if (file === 'group') return 'group';
  return said.startsWith('open') ? 'passwd-file' : 'user';
}

function lineBefore(paste: Squeezed, start: number): string {
  const at = originAt(paste, start);
  return paste.raw.slice(Math.max(paste.raw.lastIndexOf('\n', at) + 1, at - 300), at);
}
