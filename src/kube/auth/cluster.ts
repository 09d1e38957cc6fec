// Which API server to speak to, and as whom.

import { textOf } from '../../engine/platform/data/field.ts';
import { printableLine } from '../../engine/platform/data/printable.ts';
import { access, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Credentials, type Authorization } from './credentials.ts';
import { KubeError } from '../api/error.ts';
import { readKubeconfig } from './kubeconfig.ts';
import type { Context } from './kubeconfig.ts';
import { proxyFor } from './proxy.ts';

export type Cluster = {
  /** `https://host:port`, with a path prefix where there is one, without a slash at the end. */
  readonly server: string;
  /** Of the context, or of the pod that we run in; `default` where neither says. */
  readonly namespace: string;
  /** Proxy to go through, if any: `http://host:port`. */
  readonly proxyUrl?: string;
  /** Credentials as they are now. `fresh` reads them again whatever is cached, for use after a 401. */
  authorize(options?: { readonly fresh?: boolean }): Promise<Authorization>;
};

export type ClusterOptions = {
  /** Path of a kubeconfig file; without one KUBECONFIG, ~/.kube/config and the in-cluster account are tried. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** KUBECONFIG, HOME, proxies and the in-cluster address, as kubectl reads them. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Where a pod finds its service account. */
  readonly accountFolder?: string;
};

const defaultAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Finds the cluster as kubectl does. Throws a KubeError with one clear sentence; sends nothing. */
export async function loadCluster(options: ClusterOptions): Promise<Cluster> {
  const { environment = {} } = options;
  const context = await contextOf(options, environment);
  const server = serverOf(context);
  const proxyUrl = textOf(context.cluster['proxy-url']) || proxyFor(server, environment);
  const credentials = new Credentials(context);
  // A missing file should be reported now, not with the first request.
  if (!context.user['exec'] && !context.user['auth-provider']) await credentials.read(false);
  return {
    server: server.href.replace(/\/$/, ''),
    namespace: context.namespace,
    ...(proxyUrl && { proxyUrl }),
    authorize: async ({ fresh = false } = {}) => await credentials.read(fresh),
  };
}

async function contextOf(
  options: ClusterOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Context> {
  if (options.kubeconfig) return await readKubeconfig([options.kubeconfig], options.context);
  const listed = (environment['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  if (listed.length > 0) return await readKubeconfig(listed, options.context);
  const own = join(environment['HOME'] ?? homedir(), '.kube', 'config');
  if (await exists(own)) return await readKubeconfig([own], options.context);
  const folder = options.accountFolder ?? defaultAccountFolder;
  if (await exists(join(folder, 'token'))) return await accountContext(folder, environment);
  throw new KubeError(
    'invalid',
    `No cluster is configured: KUBECONFIG is not set, ${own} does not exist, and this is not a pod with a service account`,
  );
}

/** The service account of a pod, in the form of a kubeconfig. */
async function accountContext(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Context> {
  const host = environment['KUBERNETES_SERVICE_HOST'] ?? 'kubernetes.default.svc';
  const port = environment['KUBERNETES_SERVICE_PORT'] ?? '443';
  const namespace = await readFile(join(folder, 'namespace'), 'utf8').catch(() => '');
  return {
    name: 'in-cluster',
    namespace: namespace.trim() || 'default',
    cluster: {
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      'certificate-authority': join(folder, 'ca.crt'),
    },
    user: { tokenFile: join(folder, 'token') },
  };
}

function serverOf(context: Context): URL {
  const text = textOf(context.cluster['server']);
  const server = URL.parse(text.includes('://') ? text : `https://${text}`);
  if (text && server && /^https?:$/.test(server.protocol)) {
    server.search = '';
    server.hash = '';
    return server;
  }
  throw new KubeError(
    'invalid',
    `Context ${printableLine(context.name)} has no usable server: ${printableLine(text)}`,
  );
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
