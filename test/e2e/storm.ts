// Many workloads that are refused their pods at once, kind by kind: `npm run test:e2e -- --storm 400 --operator bundle`.
//
// A controller manager sends at most 20 requests a second, so it needs minutes to find out about 400 workloads. What the
// operator can do shows only when it starts after all of them have failed.

import { checkPrefix, create, place } from './checks/check.ts';
import type { WireEvent } from './objects.ts';
import { dropNamespaces } from './namespaces.ts';
import { attempt, verdict } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import type { Session } from './session.ts';
import type { Complaints } from './until.ts';
import { demand, until } from './until.ts';
import { ofKind } from './workloads.ts';

const kinds = ['StatefulSet', 'Job', 'DaemonSet'] as const;
const mostWrites = 3;
/** Objects that one kubectl creates. */
const batch = 100;

export async function storm(session: Session, size: number): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const kind of kinds) {
    const name = `storm-${kind.toLowerCase()}`;
    outcomes.push(await attempt(name, () => strike(session, name, kind, size)));
    outcomes.push(await attempt(`log-${name}`, () => session.stop()));
    await dropNamespaces(session.cluster, [checkPrefix + name], session.signal);
  }
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
  await demand(`events of ${kind}s`, () => withoutEvent(session, namespace, size), {
    limitMs: 60_000 + size * 1_000,
    signal,
    everyMs: 1_000,
  });
  await session.start([]);
  const beganMs = performance.now();
  const failing = (): number =>
    diagnoses
      .objects()
      .filter(({ metadata, status }) => metadata.namespace === namespace && status?.state === 'Failing')
      .length;
  const missing = () => (failing() === size ? [] : [`${failing()} of ${size} are diagnosed`]);
  const late = await until(missing, { limitMs: size <= 400 ? 60_000 : 180_000, signal });
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
  const writes = Math.max(...statusWrites(session, namespace));
  const told = `${size} ${kind}s in ${seconds} s, at most ${writes} status writes each`;
  const complaints = [...late, ...(writes > mostWrites ? [`expected at most ${mostWrites} writes`] : [])];
  return complaints.length > 0
    ? verdict(name, [told, ...complaints])
    : { name, result: 'ok', details: [told] };
}

async function withoutEvent({ cluster }: Session, namespace: string, size: number): Promise<Complaints> {
  const query = `fieldSelector=${encodeURIComponent('reason=FailedCreate')}`;
  const { items } = await cluster.list<WireEvent>(`/api/v1/namespaces/${namespace}/events?${query}`);
  const failed = new Set(items.map(({ involvedObject }) => involvedObject?.name));
  return failed.size >= size ? [] : [`${failed.size} of ${size} have failed so far`];
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
