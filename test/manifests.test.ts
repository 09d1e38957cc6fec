// What `kubectl apply -k` would give the operator: these rights and no more, and a pod that its own rules let start.
// Kustomize itself is not needed; its `resources` are followed here.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { isMap, isSeq, parseAllDocuments, parse } from 'yaml';
import { readCommandLine } from '../src/commands/command-line.ts';
import { parseRegistryOptions } from '../src/registry/options.ts';
import { groupOf } from '../src/engine/model/workload.ts';
import type { WorkloadKind } from '../src/engine/platform/kubernetes/workload-kinds.ts';
import { isImmutable, workloadKinds } from '../src/engine/platform/kubernetes/workload-kinds.ts';

type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
};

type Container = {
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly valueFrom?: object }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe: { readonly httpGet: { readonly path: string; readonly port: string } };
  readonly readinessProbe: {
    readonly httpGet: { readonly path: string; readonly port: string };
    readonly initialDelaySeconds: number;
  };
  readonly securityContext: object;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
};

/** A Kubernetes object, with the fields that the tests look at. */
type Manifest = {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly rules?: readonly Rule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly aggregationRule?: { readonly clusterRoleSelectors: readonly { readonly matchLabels: object }[] };
  readonly subjects?: readonly object[];
  readonly automountServiceAccountToken?: boolean;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly selector: { readonly matchLabels?: object };
    readonly ports: readonly { readonly port: number; readonly targetPort: string }[];
    readonly template: {
      readonly metadata: { readonly labels: object };
      readonly spec: {
        readonly serviceAccountName: string;
        readonly automountServiceAccountToken: boolean;
        readonly securityContext: object;
        readonly containers: readonly [Container];
        readonly volumes?: readonly {
          readonly name: string;
          readonly configMap?: { readonly name: string };
          readonly secret?: { readonly items: readonly { readonly path: string }[] };
        }[];
      };
    };
  };
};

type Kustomization = {
  readonly resources: readonly string[];
  readonly patches?: readonly {
    readonly path?: string;
    readonly target?: object;
    readonly patch?: string;
  }[];
  readonly configMapGenerator?: readonly {
    readonly name: string;
    readonly namespace?: string;
    readonly files: readonly string[];
  }[];
  readonly images?: readonly { readonly name: string }[];
};

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

function kustomizationOf(folder: string): Kustomization {
  return parse(read(`${folder}/kustomization.yaml`));
}

/** Every file that a kustomization takes in, those of the folders it names included. */
function filesOf(folder: string): string[] {
  return kustomizationOf(folder).resources.flatMap((resource) => {
    const path = normalize(join(folder, resource));
    return statSync(join(root, path)).isDirectory() ? filesOf(path) : [path];
  });
}

function manifestsOf(path: string): Manifest[] {
  return parseAllDocuments(read(path)).map((document): Manifest => document.toJS());
}

const wholeCluster = filesOf('manifests').flatMap(manifestsOf);
const oneNamespace = filesOf('manifests/overlays/one-namespace').flatMap(manifestsOf);

function find(among: readonly Manifest[], kind: string, name = 'rootcause'): Manifest {
  const found = among.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found;
}

/** Rights as `verb group/resource`, one for each pair. */
function rightsOf(manifest: Manifest): string[] {
  return (manifest.rules ?? []).flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
    ),
  );
}

/** As rights name it: `apps/deployments`. */
const resourceOf = ({ apiVersion, plural }: WorkloadKind): string => `${groupOf(apiVersion)}/${plural}`;

const yamlFiles = readdirSync(join(root, 'manifests'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml') && !path.endsWith('registries.yaml'))
  .map((path) => `manifests/${path}`);

/** The one manifest that may speak of Secrets. */
const pullSecrets = 'manifests/options/pull-secrets/cluster-role.yaml';

/** The one manifest that may speak of logs. */
const logs = 'manifests/options/logs/cluster-role.yaml';

describe('the rights of the operator', () => {
  test('are these and no others', () => {
    expect(rightsOf(find(wholeCluster, 'ClusterRole')).toSorted()).toEqual([
      'create /events',
      'create rootcause.dev/diagnoses',
      'delete rootcause.dev/diagnoses',
      'get /namespaces',
      'get /pods',
      'get /replicationcontrollers',
      'get apps.openshift.io/deploymentconfigs',
      'get apps/daemonsets',
      'get apps/deployments',
      'get apps/replicasets',
      'get apps/statefulsets',
      'get argoproj.io/rollouts',
      'get batch/cronjobs',
      'get batch/jobs',
      'get rootcause.dev/diagnoses',
      'list /events',
      'list /pods',
      'list /services',
      'list apps/replicasets',
      'list argoproj.io/rollouts',
      'list autoscaling/horizontalpodautoscalers',
      'list discovery.k8s.io/endpointslices',
      'list networking.k8s.io/ingresses',
      'list policy/poddisruptionbudgets',
      'list rootcause.dev/diagnoses',
      'patch rootcause.dev/diagnoses',
      'patch rootcause.dev/diagnoses/status',
      'watch /events',
      'watch /pods',
      'watch apps/replicasets',
      'watch rootcause.dev/diagnoses',
    ]);
  });

  test('are the same in one namespace, by a Role', () => {
    expect(find(oneNamespace, 'Role').rules).toEqual(find(wholeCluster, 'ClusterRole').rules);
    expect(find(oneNamespace, 'RoleBinding').roleRef).toMatchObject({ kind: 'Role', name: 'rootcause' });
  });

  test('hold one lease, in its own namespace', () => {
    const lease = find(wholeCluster, 'Role', 'rootcause-lease');
    expect(new Set(rightsOf(lease).map((right) => right.split(' ')[1]))).toEqual(
      new Set(['coordination.k8s.io/leases']),
    );
    const named = lease.rules?.filter(({ verbs }) => !verbs.includes('create')) ?? [];
    expect(named.map(({ resourceNames }) => resourceNames)).toEqual([['rootcause']]);
  });

  test('name the resource that the CRD defines', () => {
    const { group, names } = find(wholeCluster, 'CustomResourceDefinition', 'diagnoses.rootcause.dev').spec;
    expect(rightsOf(find(wholeCluster, 'ClusterRole'))).toContain(`list ${group}/${names.plural}`);
  });

  test('reach every kind in the table of kinds', () => {
    const rights = rightsOf(find(wholeCluster, 'ClusterRole'));
    expect(rights).toEqual(expect.arrayContaining(workloadKinds.map((row) => `get ${resourceOf(row)}`)));
  });

  test('grow with custom kinds by a label, and not by themselves', () => {
    const owners = find(wholeCluster, 'ClusterRole', 'rootcause-owners');
    const [selector] = owners.aggregationRule?.clusterRoleSelectors ?? [];
    expect(owners.rules ?? []).toEqual([]);
    const [example] = manifestsOf('manifests/examples/custom-owner.yaml');
    expect(example?.metadata.labels).toMatchObject(selector?.matchLabels ?? { missing: 'selector' });
  });

  test.each(yamlFiles)('hold no wildcard and nothing secret: %s', (path) => {
    const rights = manifestsOf(path).flatMap(rightsOf);
    expect(rights.filter((right) => right.includes('*'))).toEqual([]);
    const secret = /secrets|configmaps|pods\/|nodes\/|serviceaccounts|tokens/;
    const allowed = new Map([
      [pullSecrets, ['get /secrets', 'get /serviceaccounts']],
      [logs, ['get /pods/log']],
    ]);
    expect(rights.filter((right) => secret.test(right))).toEqual(allowed.get(path) ?? []);
    expect(rights.filter((right) => /^(escalate|bind|impersonate|deletecollection) /.test(right))).toEqual(
      [],
    );
  });

  test('over pull secrets are given by nobody but who applies them, and hold nothing else', () => {
    const option = filesOf('manifests/options/pull-secrets');
    const [role] = manifestsOf(pullSecrets);
    expect(option).toContain(pullSecrets);
    expect(role && rightsOf(role)).toEqual(['get /secrets', 'get /serviceaccounts']);
    const installed = [...filesOf('manifests'), ...filesOf('manifests/overlays/one-namespace')];
    expect(installed.filter((path) => option.includes(path))).toEqual([]);
    const binding = find(option.flatMap(manifestsOf), 'ClusterRoleBinding', 'rootcause-pull-secrets');
    const [example] = manifestsOf('manifests/examples/pull-secrets-one-namespace.yaml');
    const ours = { kind: 'ClusterRole', name: role?.metadata.name };
    expect([binding, example].map((manifest) => manifest?.roleRef)).toMatchObject([ours, ours]);
  });

  test('over logs are one right, given by nobody but who applies it', () => {
    const option = filesOf('manifests/options/logs');
    const objects = option.flatMap(manifestsOf);
    const role = find(objects, 'ClusterRole', 'rootcause-logs');
    expect(option).toContain(logs);
    expect(rightsOf(role)).toEqual(['get /pods/log']);
    const installed = [...filesOf('manifests'), ...filesOf('manifests/overlays/one-namespace')];
    expect(installed.filter((path) => option.includes(path))).toEqual([]);
    const binding = find(objects, 'ClusterRoleBinding', 'rootcause-logs');
    const [example] = manifestsOf('manifests/examples/logs-one-namespace.yaml');
    const ours = { kind: 'ClusterRole', name: 'rootcause-logs' };
    expect([binding, example].map((manifest) => manifest?.roleRef)).toMatchObject([ours, ours]);
    expect(example?.subjects).toEqual(binding.subjects);
    expect(objects.map(({ kind }) => kind).toSorted()).toEqual(['ClusterRole', 'ClusterRoleBinding']);
  });

  test('over dry runs are patches of what a fix may change, and given by nobody but who applies them', () => {
    const folder = 'manifests/options/dry-run';
    const option = filesOf(folder);
    const objects = option.flatMap(manifestsOf);
    const role = find(objects, 'ClusterRole', 'rootcause-dry-run');
    const changeable = workloadKinds.filter((row) => !isImmutable({ ...row, name: '' }));
    expect(rightsOf(role).toSorted()).toEqual(changeable.map((row) => `patch ${resourceOf(row)}`).toSorted());
    const installed = [...filesOf('manifests'), ...filesOf('manifests/overlays/one-namespace')];
    expect(installed.filter((path) => option.includes(path))).toEqual([]);
    const binding = find(objects, 'ClusterRoleBinding', 'rootcause-dry-run');
    const [example] = manifestsOf('manifests/examples/dry-run-one-namespace.yaml');
    const ours = { kind: 'ClusterRole', name: 'rootcause-dry-run' };
    expect([binding, example].map((manifest) => manifest?.roleRef)).toMatchObject([ours, ours]);
    expect(example?.subjects).toEqual(binding.subjects);
  });

  test('over dry runs come with a policy that refuses the account everything else but its own records', () => {
    const objects = filesOf('manifests/options/dry-run').flatMap(manifestsOf);
    const policy: unknown = find(objects, 'ValidatingAdmissionPolicy', 'rootcause-dry-run').spec;
    const everything = { apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], operations: ['*'] };
    const any = { apiVersions: ['*'], operations: ['*'] };
    expect(policy).toMatchObject({
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [everything],
        excludeResourceRules: [
          { ...any, apiGroups: ['rootcause.dev'], resources: ['diagnoses', 'diagnoses/status'] },
          { ...any, apiGroups: [''], resources: ['events'] },
          { ...any, apiGroups: ['coordination.k8s.io'], resources: ['leases'] },
        ],
      },
      matchConditions: [
        {
          expression:
            "has(request.userInfo.username) && request.userInfo.username == 'system:serviceaccount:rootcause-system:rootcause'",
        },
      ],
      validations: [{ expression: 'has(request.dryRun) && request.dryRun', reason: 'Forbidden' }],
    });
    const [subject] = find(objects, 'ClusterRoleBinding', 'rootcause-dry-run').subjects ?? [];
    expect(subject).toMatchObject({ name: 'rootcause', namespace: 'rootcause-system' });
    const bound: unknown = find(objects, 'ValidatingAdmissionPolicyBinding', 'rootcause-dry-run').spec;
    expect(bound).toEqual({ policyName: 'rootcause-dry-run', validationActions: ['Deny'] });
  });

  test('over nodes stand in a manifest of their own, and only read', () => {
    expect(rightsOf(find(wholeCluster, 'ClusterRole', 'rootcause-nodes'))).toEqual([
      'get /nodes',
      'list /nodes',
    ]);
    const others = yamlFiles.filter((path) => !path.endsWith('cluster-role-nodes.yaml'));
    expect(
      others
        .flatMap(manifestsOf)
        .flatMap(rightsOf)
        .filter((right) => right.endsWith('/nodes')),
    ).toEqual([]);
  });

  test.each(yamlFiles)('say why, line by line: %s', (path) => {
    for (const document of parseAllDocuments(read(path))) {
      const rules = document.get('rules');
      if (!isSeq(rules) || path.includes('/examples/')) continue;
      // The comment above the first rule belongs to the list.
      const unexplained = rules.items.filter(
        (rule, index) => !(isMap(rule) && (rule.commentBefore ?? (index === 0 && rules.commentBefore))),
      );
      expect(unexplained).toEqual([]);
    }
  });
});

describe('an installation', () => {
  test('for one namespace holds nothing that belongs to the cluster', () => {
    expect(new Set(oneNamespace.map(({ kind }) => kind))).toEqual(
      new Set(['ServiceAccount', 'Role', 'RoleBinding', 'Deployment', 'Service']),
    );
  });

  test('for the whole cluster brings the CRD and a namespace at the strictest level', () => {
    expect(find(wholeCluster, 'CustomResourceDefinition', 'diagnoses.rootcause.dev')).toBeDefined();
    expect(find(wholeCluster, 'Namespace', 'rootcause-system').metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/audit': 'restricted',
      'pod-security.kubernetes.io/warn': 'restricted',
    });
  });

  test.each(['manifests/base', 'manifests/overlays/one-namespace'])(
    'lets people name the image: %s',
    (folder) => {
      const { image } = find(wholeCluster, 'Deployment').spec.template.spec.containers[0];
      expect(kustomizationOf(folder).images).toContainEqual(expect.objectContaining({ name: image }));
    },
  );

  test('uses every file of manifests/', () => {
    const installed = [
      'manifests',
      'manifests/overlays/one-namespace',
      'manifests/options/pull-secrets',
      'manifests/options/dry-run',
      'manifests/options/logs',
    ];
    const used = new Set(installed.flatMap(filesOf));
    const unused = yamlFiles.filter(
      (path) => !used.has(path) && !/examples\/|kustomization\.yaml$/.test(path),
    );
    expect(unused).toEqual(['manifests/overlays/one-namespace/own-namespace.yaml']);
    expect(kustomizationOf('manifests/overlays/one-namespace').patches).toEqual([
      { path: 'own-namespace.yaml' },
    ]);
    expect(existsSync(join(root, 'crds/kustomization.yaml'))).toBe(true);
  });
});

type Addition = { readonly op: string; readonly path: string; readonly value: unknown };

/** The one operation of a JSON patch that the examples need. */
function add(object: unknown, { op, path, value }: Addition): void {
  expect(op).toBe('add');
  const names = path.split('/').slice(1);
  const place = names
    .slice(0, -1)
    .reduce<unknown>((at, name) => Object.entries(at ?? {}).find(([key]) => key === name)?.[1], object);
  if (Array.isArray(place)) place.push(value);
  else Object.assign(place ?? {}, { [names.at(-1) ?? '']: value });
}

describe('an example of a kustomization', () => {
  const folders = readdirSync(join(root, 'manifests/examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

  test('is there for flags, registries, their CA, pull secrets and a docker config, and README names each', () => {
    expect(folders.toSorted()).toEqual([
      'docker-config',
      'flags',
      'pull-secrets',
      'registry-ca',
      'registry-config',
    ]);
    expect(folders.filter((name) => !read('README.md').includes(`manifests/examples/${name}`))).toEqual([]);
  });

  test.each(folders)('%s starts the operator with flags that it knows, and files that are there', (name) => {
    const folder = `manifests/examples/${name}`;
    const { patches = [], configMapGenerator = [] } = kustomizationOf(folder);
    const patched = structuredClone(find(filesOf(folder).flatMap(manifestsOf), 'Deployment'));
    for (const { target, patch = '' } of patches) {
      expect(target).toEqual({ kind: 'Deployment', name: 'rootcause' });
      for (const addition of parse(patch)) add(patched, addition);
    }
    const { containers, volumes = [] } = patched.spec.template.spec;
    const [{ args, volumeMounts = [] }] = containers;
    expect(readCommandLine(args.slice(1))).toMatchObject({ command: 'operator' });
    expect(args.length).toBeGreaterThan(3);
    const files = args.flatMap((arg) => /^--[\w-]+=(\/.*)$/.exec(arg)?.[1] ?? []);
    for (const file of files) {
      const mount = volumeMounts.find(({ mountPath }) => file.startsWith(`${mountPath}/`));
      const volume = volumes.find((one) => one.name === mount?.name);
      const generated = configMapGenerator.find((one) => one.name === volume?.configMap?.name);
      const given = volume?.secret?.items.map(({ path }) => path) ?? generated?.files ?? [];
      expect(given).toContain(file.slice(file.lastIndexOf('/') + 1));
    }
    for (const { files: own, namespace } of configMapGenerator) {
      expect(namespace).toBe('rootcause-system');
      expect(() => parseRegistryOptions(read(`${folder}/registries.yaml`))).not.toThrow();
      expect(own.filter((file) => !existsSync(join(root, folder, file)))).toEqual([]);
    }
  });
});

describe('the Deployment', () => {
  const { spec: deployment } = find(wholeCluster, 'Deployment');
  const { metadata, spec: pod } = deployment.template;
  const [container] = pod.containers;

  test('would pass the check that rootcause is about, and Pod Security at restricted', () => {
    expect(pod.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('starts the program with flags that it knows', () => {
    const [program, ...argv] = container.args;
    expect(program).toBe('/app/rootcause.mjs');
    expect(readCommandLine(argv)).toMatchObject({
      command: 'operator',
      options: { operator: { leader: { elect: true } } },
    });
  });

  test('listens where the probes and the Service look', () => {
    const listening = readCommandLine(container.args.slice(1));
    expect(container.ports).toEqual([{ name: 'metrics', containerPort: 8080 }]);
    expect(listening).toMatchObject({ options: { operator: { listen: { port: 8080 } } } });
    expect(container.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'metrics' });
    expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'metrics' });
    // A probe before the process listens is a Warning on every start.
    expect(container.readinessProbe.initialDelaySeconds).toBe(3);
    const service = find(wholeCluster, 'Service').spec;
    expect(service.ports).toMatchObject([{ port: 8080, targetPort: 'metrics' }]);
    expect(metadata.labels).toMatchObject(service.selector);
    expect(metadata.labels).toEqual(deployment.selector.matchLabels);
  });

  test('watches only its own namespace when it is installed for one', () => {
    const path = 'manifests/overlays/one-namespace/own-namespace.yaml';
    const patched = manifestsOf(path)[0]?.spec.template.spec.containers[0].env ?? [];
    expect(patched).toEqual([
      { name: 'ROOTCAUSE_NAMESPACES', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    ]);
    process.env['ROOTCAUSE_NAMESPACES'] = 'team-a';
    const configured = readCommandLine(container.args.slice(1));
    delete process.env['ROOTCAUSE_NAMESPACES'];
    expect(configured).toMatchObject({ options: { operator: { scope: { namespaces: ['team-a'] } } } });
  });

  test('alone mounts the token of its account', () => {
    expect(find(wholeCluster, 'ServiceAccount').automountServiceAccountToken).toBe(false);
    expect(pod.automountServiceAccountToken).toBe(true);
    expect(pod.serviceAccountName).toBe('rootcause');
  });
});
