// The story itself: two Deployments, what is recorded of each, and what becomes of it when that is followed.

import { parse } from 'yaml';

import type { DiagnosisStatus, RecordedFix } from '../../src/engine/model/diagnosis.ts';
import type { ApiServer } from '../apiserver/api-server.ts';
import { imageRunsAsRoot, nonNumericUser } from '../apiserver/story.ts';
import { diagnosisTable, podTable } from './columns.ts';
import { createDeployment, namespace, rollOut } from './deployment.ts';
import { imageNames } from './images.ts';
import { isExplained, patch, recorded } from './playground.ts';

export type Stage = {
  readonly server: ApiServer;
  readonly url: string;
  /** Lines, and commands as a person would type them. */
  readonly say: (text: string) => void;
  readonly type: (command: string) => void;
};

/** A user by name: the number is in the image. */
export async function cureWeb({ server, url, say, type }: Stage): Promise<void> {
  createDeployment(server, { name: 'web', replicas: 2, image: imageNames.web });
  rollOut(server, 'web', { is: 'refused', says: nonNumericUser('appuser') });
  const brokenMs = performance.now();
  const pods = podTable(server);
  const { fix, findings } = await recorded(server, 'web', isExplained);
  const seconds = ((performance.now() - brokenMs) / 1000).toFixed(1);
  type(`kubectl -n ${namespace} get pods`);
  say(pods);
  say(`\n${seconds} s later:`);
  type(`kubectl -n ${namespace} get diagnoses`);
  say(await diagnosisTable(url, namespace));
  say(`\nevidence: ${findings[0]?.image.detail ?? ''}`);
  type(overLines(fix?.command ?? ''));
  await patch(url, 'web', patchIn(fix));
  rollOut(server, 'web', { is: 'running' });
  const { state, summary } = await recorded(server, 'web', (status) => status.state === 'Resolved');
  type(`kubectl -n ${namespace} get pods`);
  say(podTable(server));
  say(`\nDeployment/web is ${state}: ${summary}`);
}

/** An image that runs as root, with all that comes to light once it does not. */
export async function cureNginx({ server, url, say }: Stage): Promise<void> {
  const row = (label: string, text: string): void => say(`${label.padEnd(25)} ${text}`);
  const step = (number: number, { cause, fix }: DiagnosisStatus): void =>
    row(`${number} ${cause}`, fix?.summary ?? '');
  say('\nnginx runs as root. With each fix done, its Diagnosis shows what fails next:');
  createDeployment(server, { name: 'nginx', replicas: 1, image: imageNames.nginx });
  rollOut(server, 'nginx', { is: 'refused', says: imageRunsAsRoot() });
  step(1, await recorded(server, 'nginx', isExplained));
  const rebuilt = { name: 'app', image: imageNames.rebuiltNginx };
  await patch(url, 'nginx', { spec: { template: { spec: { containers: [rebuilt] } } } });
  for (const [index, { denied, family }] of crashes.entries()) {
    const log = `nginx: [emerg] ${denied} failed (13: Permission denied)\n`;
    rollOut(server, 'nginx', { is: 'crashing', log });
    const isCrash = ({ findings }: DiagnosisStatus): boolean => findings[0]?.family === family;
    const status = await recorded(server, 'nginx', (now) => isCrash(now) && now.fix?.patch !== undefined);
    step(index + 2, status);
    await patch(url, 'nginx', patchIn(status.fix));
  }
  rollOut(server, 'nginx', { is: 'running' });
  const { state, summary } = await recorded(server, 'nginx', (status) => status.state === 'Resolved');
  row(state, summary);
}

/** What nginx logs when it is not root, one after the other. */
const crashes = [
  { denied: 'mkdir() "/var/cache/nginx/client_temp"', family: 'image-dir-ownership' },
  { denied: 'bind() to 0.0.0.0:80', family: 'bind-privileged-port' },
];

function patchIn(fix: RecordedFix | undefined): object {
  if (fix?.patch === undefined) throw new Error(`The fix has no patch: ${fix?.summary}`);
  return parse(fix.patch) as object;
}

/** A command with a patch is long; between the fields of its JSON there may be white space. */
const overLines = (command: string): string =>
  command.replace(" -p '", " -p \\\n    '").replace('"containers"', '\n      "containers"');
