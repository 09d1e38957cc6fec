// What is asked of an image's layers: who its containers run as, and what may go wrong for a uid. Read once for both.

import type { ImageConfig, ImageUser, Inquiry, Risk } from '../model/image.ts';

/** A user that the image's own entrypoint runs its program as, once it has started as root. */
export type DroppedUser = {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Where the entrypoint says so, and the line of `/etc/passwd` with the numbers. */
  readonly detail: string;
};

/** Whom risks are for. Without a gid it is the one that the runtime gives to the uid: that of passwd, else 0. */
export type RiskSubject = { readonly uid: number; readonly gid?: number; readonly groups?: readonly number[] };

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

/** Answers without any layer where the config alone says it: Windows, and a number whose gid nobody wants. */
export function imageInquiry(_config: ImageConfig, _wants: ImageWants): Inquiry<ImageAnswer> {
  throw new Error('not written yet');
}
