// The images of the demo, as small as they can be, in an embedded registry; and the node that has pulled them.

import type { ApiServer } from '../apiserver/api-server.ts';
import { image, layer } from '../registry/image.ts';
import { RegistryServer } from '../registry/registry-server.ts';

const host = 'registry.example';

/** Of the repository, the tag and USER. */
const images = [
  ['shop/web', '1.4', 'appuser'],
  ['shop/nginx', '1.29', ''],
  ['shop/nginx', '1.29-nonroot', '10002:10002'],
] as const;

export const imageNames = {
  web: `${host}/shop/web:1.4`,
  nginx: `${host}/shop/nginx:1.29`,
  rebuiltNginx: `${host}/shop/nginx:1.29-nonroot`,
};

const users = 'root:x:0:0:root:/root:/bin/sh\nappuser:x:10001:20001::/srv:/bin/sh\n';
const newUser = 'app10002:x:10002:10002:app10002:/:/sbin/nologin\n';

const files = [
  { name: 'etc/group', content: 'root:x:0:\nappgroup:x:20001:\n' },
  { name: 'srv/', type: '5', mode: 0o755, uid: 10_001, gid: 20_001 },
  { name: 'var/cache/nginx/', type: '5', mode: 0o755 },
  { name: 'bin/sh', content: '#!', mode: 0o755 },
];

export async function serveImages(server: ApiServer): Promise<RegistryServer> {
  const registry = await new RegistryServer().listen();
  const pulled = images.map(([repository, tag, user]) => {
    const passwd = { name: 'etc/passwd', content: user.startsWith('10002') ? users + newUser : users };
    const built = image([layer([...files, passwd])], { user, config: { Entrypoint: ['/bin/sh'] } });
    registry.push(repository, tag, built);
    const names = [`${host}/${repository}@${built.manifest.digest}`, `${host}/${repository}:${tag}`];
    return { names, sizeBytes: 1 };
  });
  const nodeInfo = { operatingSystem: 'linux', architecture: 'amd64' };
  const status = { nodeInfo, images: pulled };
  server.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, status });
  return registry;
}

/** For `--registry-config`. */
export const registryConfig = (registry: RegistryServer): string =>
  `hosts:\n  "${host}":\n    mirrors: ["${registry.origin}"]\n`;
