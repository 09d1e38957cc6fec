// The images of the recorded clusters, as small as they can be, in an embedded registry.

import type { ApiServer } from '../apiserver/api-server.ts';
import { image, layer } from '../registry/image.ts';
import { RegistryServer } from '../registry/registry-server.ts';

/** Where the recorded nodes pulled from; the operator is told to ask the embedded registry in its place. */
const recordedHost = 'localhost:5001';

const users: Readonly<Record<string, string>> = {
  root: '',
  named: 'appuser',
  'named-group': 'appuser:appgroup',
  numeric: '10001',
  'uid-too-big': '4294967294',
};

const files = [
  { name: 'etc/passwd', content: 'root:x:0:0:root:/root:/bin/sh\nappuser:x:10001:20001:app:/srv:/bin/sh\n' },
  { name: 'etc/group', content: 'root:x:0:\nappgroup:x:20001:\n' },
  { name: 'srv/', type: '5', mode: 0o755, uid: 10001, gid: 20001 },
  { name: 'bin/sh', content: '#!', mode: 0o755 },
];

/** Serves the images, and lets the node of the recordings have them. */
export async function serveImages(server: ApiServer): Promise<RegistryServer> {
  const registry = await new RegistryServer().listen();
  const images = Object.entries(users).map(([name, user]) => {
    const built = image([layer(files)], { user, config: { Entrypoint: ['/bin/sh'] } });
    registry.push(name, '1', built);
    const repository = `${recordedHost}/${name}`;
    return { names: [`${repository}@${built.manifest.digest}`, `${repository}:1`], sizeBytes: 1 };
  });
  const nodeInfo = { operatingSystem: 'linux', architecture: 'amd64' };
  server.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, status: { nodeInfo, images } });
  return registry;
}

/** For `--registry-config`. */
export function registryConfig(registry: RegistryServer): string {
  return `hosts:\n  "${recordedHost}":\n    mirrors: ["${registry.origin}"]\n`;
}
