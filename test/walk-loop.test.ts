// Random walks of workloads: broken, patched, broken otherwise, rolled back, scaled, deleted, created again, renamed. After
// each step, once the operator has come to rest, the records say what a slow and simple judge says of the workloads.
//
// WALKS=200 takes as many walks; a walk that fails is shown with its steps.

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import type { DiagnosisStatus } from '../src/engine/model/diagnosis.ts';
import { ApiServer } from './apiserver/api-server.ts';
import type { RunningOperator } from './operator.ts';
import { startOperator, until } from './operator.ts';
import { expectedOf, type Expected } from './walk/judge.ts';
import {
  images,
  kinds,
  reconciled,
  show,
  templateOf,
  type SimulatedContainer,
  type SimulatedTemplate,
  type SimulatedWorkload,
} from './walk/simulated-workload.ts';

const walks = Number(process.env['WALKS'] ?? 24);
const stepsOfAWalk = 7;

let server: ApiServer;
let operator: RunningOperator;

beforeAll(async () => {
  server = new ApiServer({ bookmarkIntervalMs: 50 });
  const { kubeconfig } = await server.start();
  operator = await startOperator(kubeconfig, {
    images: { inspect: false, registries: [], bytesPerMinute: 0, pullSecrets: false },
    dryRun: false,
    settleSeconds: 1,
    resyncSeconds: 1,
    resyncSpacingSeconds: 0,
  });
});

afterAll(async () => {
  await operator.stop();
  await server.stop();
});

/** The same numbers in every run (mulberry32). */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Chance = (below: number) => number;
type Step = (workload: SimulatedWorkload, chance: Chance) => SimulatedWorkload;

const withTemplate =
  (change: (template: SimulatedTemplate, chance: Chance) => SimulatedTemplate): Step =>
  (workload, chance) => ({
    ...workload,
    templates: [...workload.templates, change(templateOf(workload), chance)],
  });

const withFirst = (change: (first: SimulatedContainer, chance: Chance) => SimulatedContainer): Step =>
  withTemplate((template, chance) => ({
    ...template,
    containers: template.containers.map((one, index) => (index === 0 ? change(one, chance) : one)),
  }));

const steps: Readonly<Record<string, Step>> = {
  setImage: withFirst((first, chance) => ({ ...first, image: images[chance(images.length)] ?? 'root' })),
  setUser: withFirst((first) => ({ ...first, runAsUser: 10_001 })),
  setRoot: withFirst((first) => ({ ...first, runAsUser: 0 })),
  unsetUser: withFirst((first) => ({ ...first, runAsUser: undefined })),
  rename: withFirst((first, chance) => ({ ...first, name: `app-${chance(100)}` })),
  toggleNonRoot: withTemplate((template) => ({ ...template, runAsNonRoot: !template.runAsNonRoot })),
  addSidecar: withTemplate((template, chance) => ({
    ...template,
    containers: [
      ...template.containers.slice(0, 1),
      { name: 'side', image: images[chance(images.length)] ?? 'root' },
    ],
  })),
  rollBack: (workload) => {
    const before = workload.templates.at(-2);
    return before ? { ...workload, templates: [...workload.templates, before] } : workload;
  },
  scale: (workload, chance) => ({ ...workload, replicas: chance(4) }),
  deletePods: (workload) => ({ ...workload, pods: [] }),
  recreate: (workload) => ({
    ...workload,
    life: workload.life + 1,
    pods: [],
    templates: [templateOf(workload)],
  }),
};

type Walk = {
  readonly chance: Chance;
  readonly taken: string[];
  workload: SimulatedWorkload;
  expected: Expected | undefined;
};

function startOf(index: number): Walk {
  const chance = numbersFrom(20_261_128 + index);
  const kind = kinds[index % kinds.length] ?? 'Deployment';
  const image = images[chance(images.length)] ?? 'root';
  const workload = reconciled({
    kind,
    namespace: `walk-${index}`,
    name: 'web',
    life: 0,
    replicas: 1 + chance(2),
    templates: [{ runAsNonRoot: true, containers: [{ name: 'app', image }] }],
    pods: [],
    made: 0,
  });
  show(server, workload, undefined);
  return { chance, taken: [`${kind} ${image}`], workload, expected: expectedOf(workload, undefined) };
}

function take(walk: Walk): void {
  const names = Object.keys(steps);
  const name = names[walk.chance(names.length)] ?? 'scale';
  const before = walk.workload;
  const changed = steps[name]?.(before, walk.chance) ?? before;
  walk.workload = reconciled(changed);
  walk.taken.push(name);
  const isNew = walk.workload.life !== before.life;
  if (isNew) server.remove(before.kind, before.namespace, before.name);
  show(server, walk.workload, before);
  walk.expected = expectedOf(walk.workload, isNew ? undefined : walk.expected);
}

function recorded({ kind, namespace, name }: SimulatedWorkload): Expected | undefined {
  const status = server.get('Diagnosis', namespace, `${kind.toLowerCase()}-${name}`)?.['status'] as
    DiagnosisStatus | undefined;
  if (!status) return undefined;
  const isOpen = status.state !== 'Resolved';
  return {
    state: status.state,
    findings: isOpen
      ? [...new Set(status.findings.map((one) => `${one.container.name}: ${one.message}`))].toSorted()
      : [],
    pods: status.pods.summary,
  };
}

/** A closed record keeps the numbers that it had when it was closed. */
function isAsExpected({ workload, expected }: Walk): boolean {
  const found = recorded(workload);
  if (found?.state === 'Resolved' && expected?.state === 'Resolved') return true;
  return JSON.stringify(found) === JSON.stringify(expected);
}

test(`${walks} random walks: after each step the records say what the judge says`, async () => {
  const all = Array.from({ length: walks }, (_none, index) => startOf(index));
  for (let step = 0; step <= stepsOfAWalk; step += 1) {
    if (step > 0) for (const walk of all) take(walk);
    await until(`all are right after step ${step}`, () => all.every(isAsExpected), 90_000).catch(
      () => undefined,
    );
    const wrong = all
      .filter((walk) => !isAsExpected(walk))
      .map(({ taken, workload, expected }) => ({ taken, found: recorded(workload), expected }));
    expect(wrong).toEqual([]);
  }
}, 900_000);
