// Which API server to speak to, and as whom.

/** What a connection needs to know; nothing in here is ever logged. */
export type Authorization = {
  readonly headers: Record<string, string>;
  readonly tls: TlsSettings;
};

export type TlsSettings = {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly rejectUnauthorized?: boolean;
  readonly servername?: string;
};

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

/** Finds the cluster the usual way. Throws a KubeError with one clear sentence. */
export async function loadCluster(options: { kubeconfig?: string; context?: string }): Promise<Cluster> {
  throw new Error(`not built yet ${options.context}`);
}
