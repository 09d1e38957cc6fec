// Many workloads that are refused their pods at once, kind by kind: `npm run test:e2e -- --storm 400 --operator bundle`.

import { create, place } from './checks/check.ts';
import type { WireDiagnosis } from './objects.ts';
import { dropNamespaces } from './namespaces.ts';
import { attempt, verdict } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import type { Session } from './session.ts';
import { until } from './until.ts';
import { ofKind } from './workloads.ts';

const kinds = ['StatefulSet', 'Job', 'DaemonSet'] as const;
const mostWrites = 3;
/** Objects that one kubectl creates. */
const batch = 100;

export async function storm(session: Session, size: number): Promise<readonly Outcome[]> {
  await session.start([]);
  const outcomes: Outcome[] = [];
  for (const kind of kinds) {
    const name = `storm-${kind.toLowerCase()}`;
    outcomes.push(await attempt(name, () => strike(session, name, kind, size)));
  }
  outcomes.push(await attempt('log', () => session.stop()));
  return outcomes;
}

async function strike(session: Session, name: string, kind: string, size: number): Promise<Outcome> {
  const { cluster, images, signal, diagnoses } = session;
  const namespace = await place(session, name);
  await cluster.kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']);
  const all = Array.from({ length: size }, (_none, at) =>
    ofKind(kind, { namespace, name: `w-${at}`, image: images.healthy }),
  );
  for (let first = 0; first < size; first += batch) await create(cluster, ...all.slice(first, first + batch));
  const beganMs = performance.now();
  const limitMs = size <= 400 ? 60_000 : 180_000;
  const failing = (): readonly WireDiagnosis[] =>
    diagnoses
      .objects()
      .filter((one) => one.metadata.namespace === namespace && one.status?.state === 'Failing');
  const missing = () => (failing().length === size ? [] : [`${failing().length} of ${size} are diagnosed`]);
  const late = await until(missing, { limitMs, signal });
  const tookMs = performance.now() - beganMs;
  const writes = statusWrites(session, namespace);
  await dropNamespaces(cluster, [namespace], signal);
  const told = `${size} ${kind}s in ${(tookMs / 1000).toFixed(1)} s, at most ${Math.max(...writes)} status writes each`;
  const complaints = [
    ...late,
    ...(Math.max(...writes) > mostWrites ? [`expected at most ${mostWrites} writes`] : []),
  ];
  return complaints.length > 0
    ? verdict(name, [told, ...complaints])
    : { name, result: 'ok', details: [told] };
}

/** Of each Diagnosis, how many of its states that were seen have a status. */
function statusWrites({ diagnoses }: Session, namespace: string): readonly number[] {
  const counts = new Map<string, number>();
  for (const { object, type } of diagnoses.seen()) {
    if (object.metadata.namespace !== namespace || !object.status || type === 'DELETED') continue;
    counts.set(object.metadata.uid, (counts.get(object.metadata.uid) ?? 0) + 1);
  }
  return [...counts.values()];
}
