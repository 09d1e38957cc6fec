// What the operator costs beside many healthy pods: `npm run test:e2e -- --scale --operator bundle`, with
// E2E_LOAD, a command that fills the API server up to $PODS pods.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { checkPrefix, lacks, place } from './checks/check.ts';
import { dropNamespaces } from './namespaces.ts';
import type { Operator } from './operator.ts';
import { attempt, verdict } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import type { Session } from './session.ts';
import { createPod, failPod } from './synthetic.ts';
import { demand } from './until.ts';

const sizes = [1000, 10_000] as const;
const failing = 20;
const quietMs = 60_000;
const residentLimitMb = 150;
const growthLimit = 1.1;

export async function scale(session: Session): Promise<readonly Outcome[]> {
  const command = process.env['E2E_LOAD'];
  const outcomes: Outcome[] = [];
  const residentMb: number[] = [];
  for (const pods of sizes) {
    outcomes.push(
      await attempt(`scale-${pods}`, async () => {
        if (command) await load(command, pods);
        const cost = await measure(session, `scale-${pods}`);
        residentMb.push(cost.residentMb);
        return judge(`scale-${pods}`, cost);
      }),
    );
    await dropNamespaces(session.cluster, [`${checkPrefix}scale-${pods}`], session.signal);
  }
  outcomes.push(await attempt('scale-growth', () => Promise.resolve(grown(residentMb))));
  return outcomes;
}

async function load(command: string, pods: number): Promise<void> {
  const env = { ...process.env, PODS: String(pods) };
  await promisify(execFile)('bash', ['-c', command], { env, timeout: 900_000, maxBuffer: 16 << 20 });
}

type Cost = {
  readonly residentMb: number;
  readonly peakMb: number;
  readonly quietWrites: number;
  readonly quietCpuMs: number;
  readonly rewritten: number;
};

async function measure(session: Session, name: string): Promise<Cost> {
  const { cluster, signal } = session;
  const namespace = await place(session, name);
  const pods = Array.from({ length: failing }, (_, index) => ({ namespace, name: `failing-${index}` }));
  for (const pod of pods) await createPod(cluster, pod).then(() => failPod(cluster, pod));
  const operator = await session.start();
  const missing = () => pods.flatMap((pod) => lacks(session, namespace, `Pod/${pod.name}`, 'Failing')());
  await demand('diagnosing', missing, { limitMs: 120_000, signal });
  await calm(session, operator);
  const before = await writesOf(operator);
  const versions = versionsOf(session);
  const cpuMs = await cpuMsOf(operator.pid);
  await delay(quietMs, undefined, { signal }); // the minute is what is measured
  const cost = {
    residentMb: await memoryMb(operator.pid, 'VmRSS'),
    peakMb: await memoryMb(operator.pid, 'VmHWM'),
    quietWrites: (await writesOf(operator)) - before,
    quietCpuMs: (await cpuMsOf(operator.pid)) - cpuMs,
    rewritten: versionsOf(session).filter((one) => !versions.includes(one)).length,
  };
  await session.stop();
  return cost;
}

/** Until five seconds have passed without a write. */
async function calm({ signal }: Session, operator: Operator): Promise<void> {
  let last = -1;
  const moved = async () => {
    const before = last;
    last = await writesOf(operator);
    return last === before ? [] : [`${last} writes so far`];
  };
  await demand('calm', moved, { limitMs: 120_000, signal, everyMs: 5000 });
}

function versionsOf({ diagnoses }: Session): readonly string[] {
  return diagnoses.objects().map(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`);
}

const reading = /verb="(get|list|watch)"/i;

async function writesOf(operator: Operator): Promise<number> {
  const { text } = await operator.get('/metrics');
  const samples = text
    .split('\n')
    .filter((line) => line.startsWith('rootcause_api_requests_total{') && !reading.test(line));
  return samples.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

async function memoryMb(pid: number, field: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024);
}

const msPerTick = 10;

async function cpuMsOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

function judge(name: string, { residentMb, peakMb, quietWrites, quietCpuMs, rewritten }: Cost): Outcome {
  const told = `${residentMb} MB resident, ${peakMb} MB at most, ${quietCpuMs} ms of CPU and ${quietWrites} writes in a quiet minute`;
  const complaints = [
    ...(residentMb < residentLimitMb ? [] : [`expected under ${residentLimitMb} MB`]),
    ...(quietWrites === 0 && rewritten === 0
      ? []
      : [`expected no writes, ${rewritten} diagnoses were rewritten`]),
  ];
  if (complaints.length > 0) return verdict(name, [told, ...complaints]);
  return { name, result: 'ok', details: [told] };
}

function grown([small = Number.NaN, large = Number.NaN]: readonly number[]): Outcome {
  const name = 'scale-growth';
  const told = `${small} MB beside ${sizes[0]} pods, ${large} MB beside ${sizes[1]}`;
  if (large <= small * growthLimit) return { name, result: 'ok', details: [told] };
  return verdict(name, [`${told}: expected ${Math.round((growthLimit - 1) * 100)} % more at most`]);
}
