// Who a process of an image is: its uid and all of its groups, those that the image adds included.

import type { InquiryStep } from '../../model/image.ts';
import type { Process } from './access.ts';
import { readFile } from './image-file.ts';
import type { Image } from './image-path.ts';
import { groupPath } from './image-user.ts';
import type { LookedUp } from './image-user.ts';
import { findGroups } from './passwd.ts';
import { answer, map } from './join-inquiries.ts';

/** Whom risks are for. Without a gid it is the one that the runtime gives to the uid: that of passwd, else 0. */
export type RiskSubject = {
  readonly uid: number;
  readonly gid?: number;
  readonly groups?: readonly number[];
};

/** The runtime adds the groups that name the user as a member. */
export function processOf(subject: RiskSubject, passwd: LookedUp, image: Image): InquiryStep<Process> {
  const { uid, groups = [] } = subject;
  const entry = passwd.is === 'found' ? passwd.entry : undefined;
  const own = [subject.gid ?? Number(entry?.gid ?? 0n), ...groups];
  if (!entry) return answer({ uid, groups: own });
  return map(readFile(image, groupPath), (file) => {
    if (file.is !== 'read') return { uid, groups: own };
    const joined = [...findGroups(file.content, ({ members }) => members.includes(entry.name))];
    return { uid, groups: [...own, ...joined.map(({ gid }) => Number(gid))] };
  });
}
