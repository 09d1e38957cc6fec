// Entrypoints that start as root to become someone else, and cannot.

import { signsOf, type Sign } from './sign.ts';

const refused = '(?:operation not permitted|permission denied)';

export const privilegeDrops: readonly Sign[] = signsOf(
  'privilege-drop',
  // s6-overlay: whatever it says it cannot do, it needed root for
  new RegExp(
    `\\b(?:s6-[a-z0-9-]{2,24}|with-contenv|justc-envdir|preinit)\\b[^:]{0,40}: (?:fatal|warning): .{0,200}${refused}`,
    'i',
  ),
  /\bs6-[a-z0-9-]{2,24}: fatal: child failed with exit code|lacking the privileges to fix it/i,
  // the calls by name, with or without arguments
  /\b(?:set(?:res|re|e|fs)?[ug]id|setgroups|initgroups)\b[^\n]{0,80}?\b(?:operation not permitted|permission denied|EPERM|not permitted)/i,
  /operation not permitted: [^\n]{0,40}\b(?:set(?:res|re|e|fs)?[ug]id|setgroups|initgroups)\b/i,
  /(?:unable to|cannot|cant|could ?nt|could not|failed to|error)\s?(?:set|setting|change|drop|switch)\w{0,4} (?:to )?(?:the )?(?:supplement\w{1,6} |root )?(?:groups?\b(?! owner)|gid|uid|user|privilege)[^\n]{0,80}?\b(?:operation not permitted|not permitted)/i,
  /failed switching to ['"]?[\w.:-]{1,64}['"]?: (?:setgroups )?operation not permitted/i,
  /cant drop privileges?\b|cannot drop privileges?\b|failed to drop (?:privileges|root)|couldnt setuid to/i,
  // a function of that name, which an error was thrown in
  new RegExp(`${refused}[^\\n]{0,400}drop_?privileges?\\b|drop_?privileges?\\b[^\\n]{0,200}${refused}`, 'i'),
  /\bsetting capabilities failed: operation not permitted/i,
  /\bcannot chroot\s?\(|\bchroot[:(][^\n]{0,80}operation not permitted/i,
  // an entrypoint that makes its user first
  /(?<![\w.-])(?:user|group)(?:add|mod|del): [^\n]{0,80}permission denied|(?<![\w.-])(?:add|del)(?:user|group): [^\n]{0,80}permission denied|cannot lock \/etc\/(?:passwd|group|shadow|gshadow)/i,
  /(?:line \d{1,6}|\bsh|: \d{1,6}): \/etc\/(?:passwd|group|shadow): permission denied/i,
  // tools that become root, or someone else
  new RegExp(`\\bsudo: [^\\n]{0,120}${refused}`, 'i'),
  /\beffective uid is not 0\b|no new privileges['"]? flag is set|\bPERM_SUDOERS: |sudo: unable to change to root gid|sudo must be owned by uid 0/i,
  /\bsu: (?:must be suid|must be run from|authentication failure)|runuser: may not be used by non-root/i,
);
