// The workload of most tests of diagnose/: Deployment web of Helm's, and what is said of it.

import { diagnose } from '../src/engine/diagnose/diagnose.ts';
import type { Finding } from '../src/engine/model/finding.ts';
import { container, deployment, inPod, runsAsRoot, snapshot, type SnapshotBuilder } from './snapshot.ts';

export const helm = { runAsNonRoot: true, managers: { runAsNonRoot: 'helm' } };
export const web = (): SnapshotBuilder => snapshot().of(deployment('web')).declaring(helm, container('app'));
export const app = (): ReturnType<typeof container> => container('app');
export const failing = app().waiting(inPod(runsAsRoot));

export const findingsOf = (builder: SnapshotBuilder): readonly Finding[] =>
  diagnose(builder.build()).verdict.findings;
export const causesOf = (builder: SnapshotBuilder): readonly string[] =>
  findingsOf(builder).map(({ cause, container: { type, name } }) => `${cause} ${type} ${name}`);
export const questionsOf = (builder: SnapshotBuilder): readonly string[] =>
  diagnose(builder.build()).questions.flatMap((question) => (question.ask === 'events' ? question.pod : []));
