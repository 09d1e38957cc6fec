// Which user an image runs as, as text.

import type { ImageFacts } from '../model/finding.ts';
import type { Certainty } from '../model/fix.ts';
import type { ImageBase, Risk } from '../model/image.ts';

/** The fields of a finding's image, and risks beside them. */
export type ImageReport = ImageFacts & {
  readonly risks: readonly Risk[];
  /** The UID that the risks are for, where it is not the image's own. */
  readonly as?: number;
  /** Lines for the end of its Dockerfile's last stage that let it run as non-root. */
  readonly dockerfile?: string;
  readonly dockerfileCertainty?: Certainty;
};

/** The group of USER never reaches the runtime; where passwd gives the same one, nothing is lost. */
const isDropped = ({ userGroup, gid }: ImageReport): boolean => userGroup !== undefined && userGroup !== gid;

export function imageText(report: ImageReport): string {
  const {
    reference,
    digest,
    user = '(unknown)',
    detail,
    userGroup: group,
    volumes,
    droppedUser,
    base,
  } = report;
  const rows: readonly (readonly [title: string, value: string | undefined])[] = [
    ['image', reference],
    ['digest', digest],
    ['USER', user || '(not set)'],
    ['runs as', runsAs(report)],
    ['because', detail],
    ['its group', isDropped(report) ? `${group}, which Kubernetes drops: set runAsGroup` : undefined],
    ['volumes', volumes?.join(', ')],
    ['drops to', droppedUser?.detail],
    ['built on', base && builtOn(base)],
  ];
  const facts = rows.flatMap(([title, value]) => (value === undefined ? [] : title.padEnd(12) + value));
  return `${[...facts, ...riskLines(report), ...dockerfileLines(report)].join('\n')}\n`;
}

function runsAs({ uid, gid, resolution }: ImageReport): string {
  if (uid === undefined) return `unresolved: ${resolution}`;
  const group = gid === undefined ? '' : `, gid ${gid}`;
  return `uid ${uid}${group}${uid === 0 ? ', which is root' : ''}`;
}

function riskLines({ risks, as, uid }: ImageReport): readonly string[] {
  const who = as ?? uid;
  if (who === undefined) return [];
  if (risks.length === 0) return [`risks       none found for uid ${who}`];
  return [`risks       for uid ${who}:`, ...risks.map(({ code, detail }) => `  ${code}: ${detail}`)];
}

const makers: Readonly<Record<ImageBase['makesUsersWith'], string>> = {
  useradd: 'it has useradd',
  adduser: 'it has the adduser of BusyBox',
  shell: 'it has a shell, and neither useradd nor adduser',
  none: 'it has no shell',
};

function builtOn({ name = 'an unknown base image', makesUsersWith, freeId }: ImageBase): string {
  return `${name}: ${makers[makesUsersWith]}; id ${freeId} is free`;
}

function dockerfileLines({ dockerfile, dockerfileCertainty }: ImageReport): readonly string[] {
  if (dockerfile === undefined) return [];
  const isTried = dockerfileCertainty === 'Certain' ? '' : ' (test first)';
  const lines = dockerfile.trimEnd().split('\n');
  return [`add at the end of the Dockerfile${isTried}:`, ...lines.map((line) => `  ${line}`)];
}
