// The fix as a Diagnosis has it: YAML, shell text and sentences.

import type { RecordedAlternative, RecordedFix } from '../../model/diagnosis.ts';
import type { Finding } from '../../model/finding.ts';
import type { Alternative, Fix, Step } from '../../model/fix.ts';
import type { WorkloadRef } from '../../model/workload.ts';
import { sha256Hex } from '../../platform/kubernetes/diagnosis-name.ts';
import { commandText, type CommandPlace } from '../command-text.ts';
import { dockerfileText } from '../dockerfile-text.ts';
import { yamlOf } from '../yaml.ts';

/** With the digests that identify its patches, where there is a workload that takes them. */
export function recordedFix(fix: Fix, findings: readonly Finding[], workload: WorkloadRef): RecordedFix {
  const words = fixInWords(fix, workload);
  const { type, patch, hardenedPatch } = words;
  if (type !== 'WorkloadPatch' || patch === undefined) return words;
  const images = findings.map(({ image }) => image.digest ?? image.reference);
  const digestOf = (text: string): string =>
    `sha256:${sha256Hex(JSON.stringify([workload.uid, images, text]))}`;
  return {
    ...words,
    digest: digestOf(patch),
    ...(hardenedPatch !== undefined && { hardenedDigest: digestOf(hardenedPatch) }),
  };
}

export function fixInWords(fix: Fix, place: CommandPlace): RecordedFix {
  const { type, certainty, summary, patch, hardenedPatch, alternatives, dockerfile, checks, managedBy } = fix;
  const command = fix.command && commandText(fix.command, place);
  return {
    type,
    certainty,
    summary,
    ...(patch && { patch: yamlOf(patch) }),
    ...(hardenedPatch && { hardenedPatch: yamlOf(hardenedPatch), hardenedCertainty: 'TestFirst' }),
    ...(alternatives.length > 0 && { alternatives: alternatives.map(inWords) }),
    ...(dockerfile && {
      dockerfile: dockerfileText(dockerfile.lines),
      dockerfileCertainty: dockerfile.certainty,
    }),
    ...(command !== undefined && { command }),
    ...(checks.length > 0 && { checks }),
    ...(managedBy && { managedBy }),
    ...(fix.followUp.length > 0 && { followUp: fix.followUp.map((step) => stepText(step, place)) }),
  };
}

function inWords({ summary, certainty, patch, example, dockerfile }: Alternative): RecordedAlternative {
  const lines = example ? yamlOf(example) : dockerfile && dockerfileText(dockerfile.lines);
  return {
    summary,
    certainty,
    ...(patch && { patch: yamlOf(patch) }),
    ...(lines !== undefined && { lines }),
  };
}

/** `Its rollout is paused: kubectl …`; a sentence ends where there is no command. */
export function stepText({ text, command }: Step, place: CommandPlace): string {
  const run = command && commandText(command, place);
  return run === undefined ? `${text}.` : `${text}: ${run}`;
}
