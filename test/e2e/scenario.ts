// The scenarios as they lie on disk: a manifest, later steps, what must be reported, and how it was recorded.

import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Expectation } from './expectation.ts';
import type { WirePod } from './objects.ts';

export type Scenario = {
  readonly name: string;
  readonly manifest: string;
  /** Path of a shell script; absent where nothing happens later. */
  readonly steps?: string;
  /** Path of a script that does what the controller of a custom kind does when the template has changed, in $NAMESPACE. */
  readonly controller?: string;
  readonly expectation: Expectation;
  /** The pods as they were recorded, once for each state that they alternate between; may be empty. */
  readonly recordings: readonly (readonly WirePod[])[];
};

/** Reads every folder of `cases/scenarios`, in the order of their names. */
export async function readScenarios(cases: string): Promise<readonly Scenario[]> {
  const folder = join(cases, 'scenarios');
  const names = (await readdir(folder)).toSorted();
  return Promise.all(names.map((name) => readScenario(cases, join(folder, name), name)));
}

async function readScenario(cases: string, folder: string, name: string): Promise<Scenario> {
  const [steps, controller] = [join(folder, 'steps.sh'), join(folder, 'controller.sh')];
  const expectation: Expectation = JSON.parse(await readFile(join(folder, 'expect.json'), 'utf8'));
  return {
    name,
    manifest: await readFile(join(folder, 'manifest.yaml'), 'utf8'),
    ...(existsSync(steps) ? { steps } : {}),
    ...(existsSync(controller) ? { controller } : {}),
    expectation,
    recordings: await readRecordings(join(cases, 'recordings'), name),
  };
}

async function readRecordings(folder: string, name: string): Promise<readonly (readonly WirePod[])[]> {
  const files = (await readdir(folder)).filter(
    (file) => file.startsWith(`${name}.`) && file.endsWith('.json'),
  );
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.map(podsOf);
}

function podsOf(recording: string): readonly WirePod[] {
  const { pods }: { pods: readonly WirePod[] } = JSON.parse(recording);
  return pods;
}

const podMakers = new Set(['Pod', 'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job']);

/** A CronJob makes none before its time comes, a custom kind none before its controller has been played. */
export function makesPods({ manifest, controller }: Scenario): boolean {
  if (controller !== undefined) return false;
  const kinds = parseAllDocuments(manifest).map((document) => String(document.get('kind')));
  return kinds.some((kind) => podMakers.has(kind));
}
