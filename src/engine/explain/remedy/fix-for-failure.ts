// A fix for what a text tells, where there is no workload to make a patch for: what to change, and what to look up first.

import type { Alternative, Fix } from '../../model/fix.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import { maxAlternatives } from '../../fix/advice/alternatives.ts';
import { remedyFor } from './remedy.ts';
import { type FailureRemedy } from './remedy-type.ts';

const maxSteps = 8;

/** One fix for all findings; the first decides what kind of fix it is. Undefined where there are none. */
export function fixForFailure(findings: readonly ReportedFailure[]): Fix | undefined {
  const remedies = findings.map((told) => ({ told, remedy: remedyFor(told) }));
  const [first, ...others] = remedies;
  if (!first) return undefined;
  const { type, certainty, summary, dockerfile } = first.remedy;
  const beside = others.filter(({ remedy }) => remedy.summary !== summary).map(alternativeOf);
  const alternatives = distinct([...(first.remedy.alternatives ?? []), ...beside]).slice(0, maxAlternatives);
  const followUp = [...new Set(remedies.flatMap(({ remedy }) => remedy.steps ?? []))].slice(0, maxSteps);
  return {
    type,
    certainty,
    summary,
    ...(alternatives.length > 0 && { alternatives }),
    ...(dockerfile && { dockerfile: dockerfile.lines, dockerfileCertainty: dockerfile.certainty }),
    ...(followUp.length > 0 && { followUp }),
  };
}

function alternativeOf({
  told,
  remedy,
}: {
  readonly told: ReportedFailure;
  readonly remedy: FailureRemedy;
}): Alternative {
  const { name } = told.container;
  return {
    summary: name === undefined ? remedy.summary : `container ${name}: ${remedy.summary}`,
    certainty: remedy.certainty,
    ...(remedy.dockerfile && { lines: remedy.dockerfile.lines }),
  };
}

function distinct(alternatives: readonly Alternative[]): readonly Alternative[] {
  return [...new Map(alternatives.map((one) => [one.summary, one])).values()];
}
