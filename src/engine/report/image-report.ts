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

export function imageText(report: ImageReport): string {
  const lines = [
    `image       ${report.reference}`,
    ...(report.digest === undefined ? [] : [`digest      ${report.digest}`]),
    `USER        ${report.user === '' ? '(not set)' : (report.user ?? '(unknown)')}`,
    `runs as     ${runsAs(report)}`,
    ...(report.detail === undefined ? [] : [`because     ${report.detail}`]),
    ...(report.userGroup === undefined
      ? []
      : [`its group   ${report.userGroup}, which Kubernetes drops: set runAsGroup`]),
    ...(report.volumes ? [`volumes     ${report.volumes.join(', ')}`] : []),
    ...(report.droppedUser ? [`drops to    ${report.droppedUser.detail}`] : []),
    ...(report.base ? [`built on    ${builtOn(report.base)}`] : []),
    ...riskLines(report),
    ...dockerfileLines(report),
  ];
  return `${lines.join('\n')}\n`;
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
