// Pods of about ten kilobytes, as a cluster with a few sidecars, probes and field managers has them.

export function healthyPod(index: number): object {
  return pod(index, { running: { startedAt: '2026-11-22T10:00:00Z' } });
}

export function refusedPod(index: number): object {
  const message = refusal(`web-${index}`, `uid-${index}`);
  return pod(index, { waiting: { reason: 'CreateContainerConfigError', message } });
}

/** What the kubelet says of an image without USER. */
export function refusal(name: string, uid: string): string {
  return `container has runAsNonRoot and image will run as root (pod: "${name}_shop(${uid})", container: app)`;
}

function pod(index: number, state: object): object {
  return {
    metadata: {
      name: `web-${index}`,
      namespace: 'shop',
      uid: `uid-${index}`,
      resourceVersion: String(1000 + index),
      labels: Object.fromEntries(words(12).map((word) => [`example.com/${word}`, word])),
      managedFields: ['kube-controller-manager', 'kubelet'].map(managed),
    },
    spec: {
      nodeName: `node-${index % 200}`,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: ['app', 'proxy', 'metrics'].map(container),
    },
    status: { phase: 'Running', containerStatuses: [{ name: 'app', ready: true, restartCount: 0, state }] },
  };
}

function container(name: string): object {
  const probe = { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 10, failureThreshold: 3 };
  return {
    name,
    image: `registry.example/shop/${name}:1.4`,
    env: words(20).map((word) => ({
      name: word.toUpperCase(),
      value: `http://${word}.shop.svc:8080/"${word}"`,
    })),
    livenessProbe: probe,
    readinessProbe: probe,
    volumeMounts: words(4).map((word) => ({ name: word, mountPath: `/etc/${word}`, readOnly: true })),
  };
}

function managed(manager: string): object {
  const fields = Object.fromEntries(
    words(40).map((word) => [`f:${word}`, { '.': {}, 'f:runAsNonRoot': {} }]),
  );
  return {
    manager,
    operation: 'Update',
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': fields },
  };
}

function words(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `setting${index}`);
}
