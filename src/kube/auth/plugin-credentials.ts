// Credentials that a program or an identity provider hands out: exec plugins and auth-provider entries.

import { listAt, objectAt, textOf, type Fields } from '../../engine/platform/data/field.ts';
import { KubeConfig } from '@kubernetes/client-node';
import { KubeError, messageOf } from '../api/error.ts';
import type { Context } from './kubeconfig.ts';

type PluginAnswer = {
  readonly headers: Record<string, string>;
  readonly cert?: string;
  readonly key?: string;
};

/** A plugin may ask a person something in a browser. */
const pluginLimitMs = 120_000;

/** The library keeps a plugin's answer until it expires; a new instance asks again. */
const configs = new WeakMap<Context, KubeConfig>();

/** Runs the plugin, unless its last answer still holds and no fresh one is wanted. */
export async function authorizeByPlugin(context: Context, fresh: boolean): Promise<PluginAnswer> {
  const known = fresh ? undefined : configs.get(context);
  const config = known ?? configOf(context);
  configs.set(context, config);
  // Plugins fill in only the fields that are read below.
  const options: Record<string, unknown> = { headers: {} };
  try {
    await withinLimit(config.applyToHTTPSOptions(options));
  } catch (cause) {
    throw new KubeError(
      'unauthorized',
      `${pluginName(context.user)} gave no credentials: ${withoutSecrets(cause)}`,
    );
  }
  const { authorization = '', Authorization = '' } = objectAt(options['headers']);
  const header = textOf(Authorization) || textOf(authorization);
  return {
    headers: header ? { authorization: header.replaceAll(/[\r\n]+/g, '') } : {},
    ...(typeof options['cert'] === 'string' && { cert: options['cert'] }),
    ...(typeof options['key'] === 'string' && { key: options['key'] }),
  };
}

function configOf({ cluster, user }: Context): KubeConfig {
  const config = new KubeConfig();
  const exec = user['exec'] && { ...objectAt(user['exec']), env: [...environmentOf(user, cluster)] };
  config.loadFromOptions({
    clusters: [{ name: 'cluster', server: textOf(cluster['server']), skipTLSVerify: true }],
    users: [{ name: 'user', exec, authProvider: user['auth-provider'] }],
    contexts: [{ name: 'context', cluster: 'cluster', user: 'user' }],
    currentContext: 'context',
  });
  return config;
}

/** Plugins learn from KUBERNETES_EXEC_INFO which version of the protocol is meant; the library does not say. */
function environmentOf(user: Fields, cluster: Fields): readonly unknown[] {
  const exec = objectAt(user['exec']);
  const info = {
    apiVersion: textOf(exec['apiVersion']),
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(exec['provideClusterInfo'] === true && { cluster: clusterInfoOf(cluster) }),
    },
  };
  return [...listAt(exec['env']), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }];
}

function clusterInfoOf(cluster: Fields): Fields {
  return {
    server: cluster['server'],
    'tls-server-name': cluster['tls-server-name'],
    'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
    'certificate-authority-data': cluster['certificate-authority-data'],
    'proxy-url': cluster['proxy-url'],
  };
}

async function withinLimit(work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('it took too long')), pluginLimitMs);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The error text of a plugin may hold a token: long runs of token characters are left out. */
function withoutSecrets(cause: unknown): string {
  return messageOf(cause).replaceAll(/[\w+/=.-]{32,}/g, '…');
}

function pluginName(user: Fields): string {
  const command = textOf(objectAt(user['exec'])['command']);
  return command
    ? `The plugin ${command}`
    : `The auth provider ${textOf(objectAt(user['auth-provider'])['name'])}`;
}
