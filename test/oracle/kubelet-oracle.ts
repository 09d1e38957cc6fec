// The kubelet as the oracle of its own rule about runAsNonRoot: containers with every pair of settings and every form of
// USER are run, and it must refuse those that we say it refuses, for that reason: `npm run test:e2e -- --kubelet all`, or
// `sample` for a few of them.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseReference } from '../../src/engine/platform/image/image-reference.ts';
import { connect } from '../e2e/cluster.ts';
import { dropNamespaces, makeNamespace } from '../e2e/namespaces.ts';
import { attempt } from '../e2e/outcome.ts';
import type { Outcome } from '../e2e/outcome.ts';
import { imageOf } from './image.ts';
import { askKubelet } from './kubelet-pods.ts';
import type { Imaged } from './kubelet-pods.ts';
import { disagreement, recordedPath } from './kubelet-says.ts';
import type { KubeletSays, Recorded } from './kubelet-says.ts';
import { allSpecs, nameOf, sampleOf } from './kubelet-specs.ts';
import type { Spec } from './kubelet-specs.ts';
import { push } from './push.ts';
import { userForms } from './user-forms.ts';
import type { UserForm } from './user-forms.ts';

type Options = {
  readonly kubeconfig: string;
  readonly which: 'all' | 'sample';
  /** An image of the registry that has the others, too, and takes more of them over plain HTTP. */
  readonly donor: string;
};

const namespace = 'kubelet-oracle-specs';

/** One outcome for each spec. RECORD_ORACLE=1 keeps what the kubelet said, for the test that needs no cluster. */
export async function kubeletOracle(
  { kubeconfig, which, donor }: Options,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcause-kubelet-'));
  const host = parseReference(donor)?.host;
  if (host === undefined) throw new Error(`${donor} is no image`);
  const cluster = await connect(kubeconfig, folder);
  try {
    await makeNamespace(cluster, namespace, signal);
    const specs = which === 'all' ? allSpecs() : sampleOf(allSpecs());
    const says = await askKubelet(cluster, namespace, await imagedAll(host, specs, signal), signal);
    if (process.env['RECORD_ORACLE'] && which === 'all') await record(specs, says);
    const outcomes: Outcome[] = [];
    for (const spec of specs) outcomes.push(await attempt(nameOf(spec), async () => compared(spec, says)));
    return outcomes;
  } finally {
    await dropNamespaces(cluster, [namespace], new AbortController().signal);
    await cluster.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function compared(spec: Spec, says: ReadonlyMap<Spec, KubeletSays>): readonly string[] {
  const said = says.get(spec);
  if (said === undefined) return ['the kubelet said nothing of it'];
  const wrong = disagreement(spec, said);
  return wrong === undefined ? [] : [wrong];
}

/** Images that the scenarios use, by their USER; their containers start. */
const ready: ReadonlyMap<string, string> = new Map([
  ['', 'root:1'],
  ['root', 'root-name:1'],
  ['0', 'root-uid:1'],
  ['appuser', 'named:1'],
  ['appuser:appgroup', 'named-group:1'],
  ['ghost', 'named-missing:1'],
  ['10001', 'numeric:1'],
  ['10001:20001', 'numeric-group:1'],
  ['4294967294', 'uid-too-big:1'],
]);

async function imagedAll(
  host: string,
  specs: readonly Spec[],
  signal: AbortSignal,
): Promise<readonly Imaged[]> {
  const references = new Map<string, string>([...ready].map(([user, name]) => [user, `${host}/${name}`]));
  const all: Imaged[] = [];
  for (const spec of specs) {
    const image = references.get(spec.user) ?? (await pushed(host, spec.user, signal));
    references.set(spec.user, image);
    all.push({ spec, image });
  }
  return all;
}

/** An image without a program, which is missed only after the kubelet has decided. */
async function pushed(host: string, user: string, signal: AbortSignal): Promise<string> {
  const image = imageOf(
    { user: formOf(user), passwd: 'whole', group: 'whole', layers: 'one layer', compression: 'gzip' },
    Buffer.from('no program'),
  );
  const place = `${host}/oracle/users`;
  await push(place, image, signal);
  return `${place}@${image.digest}`;
}

function formOf(user: string): UserForm {
  const found = (Object.keys(userForms) as UserForm[]).find((form) => userForms[form] === user);
  if (found === undefined) throw new Error(`no image has USER ${user}`);
  return found;
}

async function record(specs: readonly Spec[], says: ReadonlyMap<Spec, KubeletSays>): Promise<void> {
  const all: Recorded = Object.fromEntries(
    specs.flatMap((spec) => {
      const said = says.get(spec);
      return said === undefined ? [] : [[nameOf(spec), said]];
    }),
  );
  await writeFile(recordedPath, `${JSON.stringify(all, undefined, 2)}\n`);
}
