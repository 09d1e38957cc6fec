// Work that only root may do, said by the program itself.

import { signsOf, type Sign } from './sign.ts';

export const rootNeeds: readonly Sign[] = signsOf(
  'needs-root',
  /\b(?:you )?(?:must|need to|needs to|has to|have to) be (?:run (?:as|by|with) |executed as |started as )?(?:the )?["']?(?:root|super-?user)\b(?! (?:of|user id|cert))/i,
  /\brequires? (?:root|super-?user) (?:privileges?|permissions?|access|rights)|\b(?:root|super-?user) privileges? (?:are |is )?(?:required|needed)|\bwith super-?user privileges/i,
  /\bare you root\b|\bonly root (?:can|may)\b|reserved for the super-?user|\brun (?:this|it|me)(?: \w{1,12}){0,2} (?:as|with) root\b|\b(?:please|must|needs? to|has to) run as (?:the )?root\b|\bEUID (?:is not|!=|isnt) 0\b|\bneeds? (?:root|super-?user) (?:privileges?|permissions?|access|rights)|not running as root\b(?=.{0,40}\b(?:abort|exit|fail))/i,
  /RTNETLINK answers: operation not permitted|\biptables\b[^\n]{0,200}\bpermission denied/i,
  /unable to lock database: permission denied|failed to open apk database|dpkg[^\n]{0,60}lock[^\n]{0,40}permission denied|could not open lock file \/var\/lib\/(?:dpkg|apt)\/[^\n]{0,60}permission denied/i,
  /\bsysctl: permission denied on key|\/dev\/(?:net\/tun|kvm|fuse|mem)\b[^\n]{0,40}(?:operation not permitted|permission denied)|\bTUNSETIFF\b[^\n]{0,40}operation not permitted/i,
);
