// What is asked of an image's layers: who its containers run as, and what may go wrong for a uid. Read once for both.

import type { DroppedUser, ImageConfig, ImageUser, Inquiry, Risk, Step } from '../model/image.ts';
import { droppedUser, switchesOf } from './dropped-user.ts';
import { entrypointOf, entrypointPaths } from './entrypoint.ts';
import { imageOf } from './image-path.ts';
import type { Image } from './image-path.ts';
import { userOf, userPaths } from './image-user.ts';
import { findPlaces, riskPaths, risksOf } from './image-risks.ts';
import type { RiskSubject } from './image-risks.ts';
import { answer, both, chain, map } from './step.ts';

export type { RiskSubject };

export type ImageWants = {
  /** The gid costs layers where USER is a number. */
  readonly gid: boolean;
  /** `self` is the user that the image has by itself. */
  readonly risksFor?: 'self' | RiskSubject;
};

export type ImageAnswer = {
  readonly user: ImageUser;
  /** Absent when nobody asked, and where there is no uid to ask them for. */
  readonly risks?: readonly Risk[];
  /** Looked for together with risks. */
  readonly droppedUser?: DroppedUser;
};

/**
 * One inquiry for all that is wanted. It answers without any layer where the config alone says it: for Windows, and for
 * a number whose gid nobody wants.
 */
export function imageInquiry(config: ImageConfig, wants: ImageWants): Inquiry<ImageAnswer> {
  const risksFor = config.os === 'windows' ? undefined : wants.risksFor;
  const sources = risksFor ? [...riskPaths(config), ...entrypointPaths(config)] : [];
  return {
    paths: [...new Set([...userPaths(), ...sources])],
    decide: (layers, isWhole, paths) => {
      const image = imageOf(layers, isWhole, paths);
      const user = userOf(config, wants.gid || risksFor === 'self', image);
      return risksFor ? withRisks(config, risksFor, user, image) : map(user, (who) => ({ user: who }));
    },
  };
}

function withRisks(
  config: ImageConfig,
  risksFor: 'self' | RiskSubject,
  user: Step<ImageUser>,
  image: Image,
): Step<ImageAnswer> {
  const programs = both(entrypointOf(config, image), findPlaces(config, image));
  return chain(both(user, programs), ([who, [entrypoint]]) => {
    const switches = switchesOf(entrypoint);
    const subject = risksFor === 'self' ? ownSubject(who) : risksFor;
    const risks = subject ? risksOf(config, subject, entrypoint, switches, image) : answer(undefined);
    return map(both(risks, droppedUser(switches, image)), ([found, dropped]) => ({
      user: who,
      ...(found && { risks: found }),
      ...(dropped && { droppedUser: dropped }),
    }));
  });
}

function ownSubject(user: ImageUser): RiskSubject | undefined {
  if (user.is !== 'resolved' || user.gid === undefined) return undefined;
  return { uid: user.uid, gid: user.gid };
}
