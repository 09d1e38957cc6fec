// OpenShift's uid ranges: which uids a namespace gives its pods, and which security context constraints insist on it.

/** Both ends count. */
type UidRange = { readonly first: number; readonly last: number };

/**
 * @param written annotation `openshift.io/sa.scc.uid-range`: `START/SIZE` or `START-END`
 */
export function parseUidRange(written: string): UidRange | undefined {
  const [, start, sign, end] = /^(\d{1,10})([/-])(\d{1,10})$/.exec(written.trim()) ?? [];
  if (start === undefined || end === undefined) return undefined;
  const first = Number(start);
  const last = sign === '/' ? first + Number(end) - 1 : Number(end);
  return last >= first ? { first, last } : undefined;
}

/** OpenShift's own constraints that take any uid, or any but 0. */
const takeAnyUid: ReadonlySet<string> = new Set([
  'anyuid',
  'hostmount-anyuid',
  'hostmount-anyuid-v2',
  'node-exporter',
  'nonroot',
  'nonroot-v2',
  'privileged',
]);

/** @param constraints name of the constraints that admitted a pod: its annotation `openshift.io/scc` */
export function takesAnyUid(constraints: string | undefined): boolean {
  return constraints !== undefined && takeAnyUid.has(constraints);
}
