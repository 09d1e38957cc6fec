// The end-to-end tests, on whatever cluster KUBECONFIG names: `npm run test:e2e -- [--only a,b] [--operator bundle]`.
// Other modes measure: `--latency`, `--storm N`, `--chaos`, `--scale`, and `--image-cost`, which needs no cluster. `--oracle all` (or
// `sample`) compares us with the cluster's container runtime, `--kubelet` with its kubelets, `--pod-security` and
// `--strategic-merge` with its API server; `--dockerfile` builds our lines for an image and runs it; `--certain`
// applies every fix that is called certain, and watches its pods. The last line counts what passed and what failed.

import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { dockerfileOracle } from '../oracle/dockerfile.ts';
import { imageCost } from '../oracle/image-cost.ts';
import { kubeletOracle } from '../oracle/kubelet-oracle.ts';
import { oracle } from '../oracle/oracle.ts';
import { podSecurityOracle } from '../oracle/pod-security.ts';
import { strategicMergeOracle } from '../oracle/strategic-merge-oracle.ts';
import { certain } from './certain.ts';
import { chaos } from './chaos.ts';
import { latency } from './latency.ts';
import { conclude, reasonOf } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { scale } from './scale.ts';
import { readScenarios } from './scenario.ts';
import { logPath, withSession } from './session.ts';
import type { Session } from './session.ts';
import { storm } from './storm.ts';
import { suite } from './suite.ts';
import { imagesOf } from './workloads.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    operator: { type: 'string', default: 'source' },
    latency: { type: 'boolean', default: false },
    chaos: { type: 'boolean', default: false },
    scale: { type: 'boolean', default: false },
    storm: { type: 'string' },
    oracle: { type: 'string' },
    kubelet: { type: 'string' },
    'pod-security': { type: 'string' },
    'strategic-merge': { type: 'string' },
    dockerfile: { type: 'string' },
    certain: { type: 'string' },
    'image-cost': { type: 'boolean', default: false },
  },
});

/** Each compares us with something of the cluster, in all cases or a sample of them. */
const oracles = {
  oracle,
  kubelet: kubeletOracle,
  'pod-security': podSecurityOracle,
  'strategic-merge': strategicMergeOracle,
  dockerfile: dockerfileOracle,
  certain,
} as const;

const repository = join(dirname(import.meta.dirname), '..');
process.exitCode = await main();

async function main(): Promise<number> {
  if (values['image-cost']) return conclude(await imageCost(interrupted()).catch(aborted));
  const kubeconfig = process.env['KUBECONFIG'];
  const operator = (['source', 'bundle'] as const).find((one) => one === values.operator);
  if (!kubeconfig) return refuse('KUBECONFIG is not set');
  if (operator === undefined) return refuse('--operator is bundle or source');
  const scenarios = await readScenarios(join(repository, 'cases'));
  const asked = (
    ['oracle', 'kubelet', 'pod-security', 'strategic-merge', 'dockerfile', 'certain'] as const
  ).find((name) => values[name] !== undefined);
  if (asked !== undefined) {
    const which = (['all', 'sample'] as const).find((one) => one === values[asked]);
    if (which === undefined) return refuse(`--${asked} is all or sample`);
    const donor = process.env['E2E_DONOR'] ?? imagesOf(scenarios).healthy;
    return conclude(await oracles[asked]({ kubeconfig, which, donor }, interrupted()).catch(aborted));
  }
  const options = { repository, kubeconfig, operator, scenarios };
  const outcomes = await withSession(options, interrupted(), (session) => mode(session, scenarios)).catch(
    aborted,
  );
  if (outcomes.some(({ result }) => result === 'FAIL'))
    process.stdout.write(`the operator's log: ${logPath}\n`);
  return conclude(outcomes);
}

function mode(
  session: Session,
  scenarios: Awaited<ReturnType<typeof readScenarios>>,
): Promise<readonly Outcome[]> {
  if (values.latency) return latency(session);
  if (values.chaos) return chaos(session);
  if (values.scale) return scale(session);
  if (values.storm !== undefined) return storm(session, Number(values.storm));
  return suite(session, scenarios, values.only?.split(','));
}

/** Where the tests could not begin or clear up, the summary says so like any other failure. */
function aborted(error: unknown): readonly Outcome[] {
  return [{ name: 'session', result: 'FAIL', details: [reasonOf(error)] }];
}

function interrupted(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => controller.abort(new Error(`interrupted by ${name}`)));
  return controller.signal;
}

function refuse(why: string): number {
  process.stderr.write(`${why}\n`);
  return 2;
}
