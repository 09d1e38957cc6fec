// What an image says of its user, as text or as one JSON object.

import type { ImageFacts } from '../model/finding.ts';
import type { Risk } from '../model/image.ts';

/** The fields of a finding's image, and risks beside them. */
export type ImageReport = ImageFacts & {
  readonly risks: readonly Risk[];
  /** Whom the risks are for, where that is not the image's own user. */
  readonly as?: number;
  /** The user that the image's own entrypoint drops to. */
  readonly droppedUser?: {
    readonly name: string;
    readonly uid: number;
    readonly gid: number;
    readonly detail: string;
  };
};

export function imageJson(report: ImageReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

export function imageText(report: ImageReport): string {
  const lines = [
    `image       ${report.reference}`,
    ...(report.digest === undefined ? [] : [`digest      ${report.digest}`]),
    `USER        ${report.user === '' ? '(none)' : (report.user ?? '(unknown)')}`,
    `runs as     ${runsAs(report)}`,
    ...(report.detail === undefined ? [] : [`because     ${report.detail}`]),
    ...(report.userGroup === undefined
      ? []
      : [`its group   ${report.userGroup}, which Kubernetes drops: set runAsGroup`]),
    ...(report.droppedUser ? [`drops to    ${report.droppedUser.detail}`] : []),
    ...riskLines(report),
  ];
  return `${lines.join('\n')}\n`;
}

function runsAs({ uid, gid, resolution }: ImageReport): string {
  if (uid === undefined) return `nobody can say: ${resolution}`;
  const group = gid === undefined ? '' : `, gid ${gid}`;
  return `uid ${uid}${group}${uid === 0 ? ', which is root' : ''}`;
}

function riskLines({ risks, as, uid }: ImageReport): readonly string[] {
  const who = as ?? uid;
  if (who === undefined) return [];
  if (risks.length === 0) return [`risks       none seen for uid ${who}`];
  return [`risks       for uid ${who}:`, ...risks.map(({ code, detail }) => `  ${code}: ${detail}`)];
}
