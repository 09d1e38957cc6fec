// What is asked of an image's layers: who its containers run as, what may go wrong for a uid, what would cure an image
// without a usable user, and whether a process may do what it was denied. Read once for all of it.

import type {
  DroppedUser,
  FoundAccess,
  ImageBase,
  ImageConfig,
  ImageUser,
  Inquiry,
  Risk,
  SoughtAccess,
  InquiryStep,
} from '../../model/image.ts';
import { droppedUser, switchesOf } from './dropped-user.ts';
import { entrypointOf, entrypointPaths } from './entrypoint.ts';
import { accessPaths, accessTo } from './image-access.ts';
import { basePaths, imageBase, needsUser } from './image-base.ts';
import { imageOf } from './image-path.ts';
import type { Image } from './image-path.ts';
import { userOf, userPaths } from './image-user.ts';
import { findPlaces, riskPaths, risksOf } from './image-risks.ts';
import type { RiskSubject } from './run-identity.ts';
import { answer, both, chain, map } from './join-inquiries.ts';

export type { RiskSubject };

export type ImageWants = {
  /** The gid costs layers where USER is a number. */
  readonly gid: boolean;
  /** `self` is the image's own user. */
  readonly risksFor?: 'self' | RiskSubject;
  /** Of an image whose own user is root or none; it costs nearly all layers. Of others nothing is read for it. */
  readonly base?: boolean;
  /** It costs the layers down to where the path is decided. */
  readonly access?: SoughtAccess;
};

export type InquiryAnswer = {
  readonly user: ImageUser;
  /** Absent if not asked for, and where there is no uid. */
  readonly risks?: readonly Risk[];
  readonly base?: ImageBase;
  /** Looked for together with risks and base. */
  readonly droppedUser?: DroppedUser;
  /** Absent if not asked for, and where the image does not decide it. */
  readonly access?: FoundAccess;
};

/**
 * One inquiry for all that is wanted. It answers without any layer where the config alone says it: for Windows, and for
 * a number whose gid is not wanted, unless that is root and the base is wanted, or access is asked about.
 */
export function imageInquiry(config: ImageConfig, wants: ImageWants): Inquiry<InquiryAnswer> {
  const { gid, base = false, risksFor, access } = config.os === 'windows' ? { gid: false } : wants;
  const paths = [
    ...userPaths(),
    ...(risksFor ? riskPaths(config) : []),
    ...(risksFor || base ? entrypointPaths(config) : []),
    ...(base ? basePaths() : []),
    ...(access ? accessPaths(config, access) : []),
  ];
  return {
    paths: [...new Set(paths)],
    decide: (layers, isWhole, asked) => {
      const image = imageOf(layers, isWhole, asked);
      const user = userOf(config, gid || risksFor === 'self', image);
      const isMore = risksFor !== undefined || (base && user.is === 'answer' && needsUser(user.answer));
      const about: InquiryStep<InquiryAnswer> = isMore
        ? withMore(config, { gid, base, ...(risksFor && { risksFor }) }, user, image)
        : map(user, (who) => ({ user: who }));
      return access ? withAccess(about, accessTo(config, access, image)) : about;
    },
  };
}

function withMore(
  config: ImageConfig,
  { risksFor, base = false }: ImageWants,
  user: InquiryStep<ImageUser>,
  image: Image,
): InquiryStep<InquiryAnswer> {
  const places = risksFor ? findPlaces(config, image) : answer([]);
  const programs = both(entrypointOf(config, image), places);
  return chain(both(user, programs), ([who, [entrypoint]]) => {
    const switches = switchesOf(entrypoint);
    const subject = risksFor === 'self' ? ownSubject(who) : risksFor;
    const risks = subject ? risksOf(config, subject, entrypoint, switches, image) : answer(undefined);
    const built = base && needsUser(who) ? imageBase(image) : answer(undefined);
    return map(both(both(risks, droppedUser(switches, image)), built), ([[found, dropped], on]) => ({
      user: who,
      ...(found && { risks: found }),
      ...(on && { base: on }),
      ...(dropped && { droppedUser: dropped }),
    }));
  });
}

const withAccess = (
  about: InquiryStep<InquiryAnswer>,
  access: InquiryStep<FoundAccess | undefined>,
): InquiryStep<InquiryAnswer> =>
  map(both(about, access), ([found, may]) => ({ ...found, ...(may && { access: may }) }));

function ownSubject(user: ImageUser): RiskSubject | undefined {
  if (user.is !== 'resolved' || user.gid === undefined) return undefined;
  // A fix sets the group of USER as its runAsGroup, and then it is that of passwd which is gone.
  return { uid: user.uid, gid: user.userGroup || user.gid };
}
