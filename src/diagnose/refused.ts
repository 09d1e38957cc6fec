import type { Refusal, RefusalsQuestion, Snapshot } from '../model/snapshot.ts';
export function refusalsQuestion(_s: Snapshot): readonly RefusalsQuestion[] {
  return [];
}
export function currentRefusals(s: Snapshot): readonly Refusal[] {
  return s.refusals ?? [];
}
export function stillRefused(_s: Snapshot): boolean {
  return false;
}
