// Names of images, as people write them and as runtimes read them.

/** `host` is in lower case, with its port; `repository` is what stands between `/v2/` and `/manifests/`. */
export type ImageReference = {
  readonly host: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
};

const textLimit = 1024;
const repositoryLimit = 255;
const dockerHub = 'docker.io';
const dockerHubNames = new Set(['index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);

const digestForm = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
const pathForm = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const tagForm = /^\w[\w.-]{0,127}$/;
const imageIdForm = /^[0-9a-f]{64}$/;
const hostForm =
  /^(?:\[([0-9a-f:.]+)\]|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)(?::(\d{1,5}))?$/;

/** The grammar of container runtimes, `nginx` being `docker.io/library/nginx:latest`. Undefined when it is not one. */
export function parseReference(text: string): ImageReference | undefined {
  if (text.length > textLimit || imageIdForm.test(text)) return undefined;
  const [named = '', digest, ...others] = text.split('@');
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const [name, tag] = colon < 0 ? [named, undefined] : [named.slice(0, colon), named.slice(colon + 1)];
  const place = placeOf(name);
  if (!place || others.length > 0) return undefined;
  if (tag !== undefined && !tagForm.test(tag)) return undefined;
  if (digest === undefined) return { ...place, tag: tag ?? 'latest' };
  return isDigest(digest) ? { ...place, ...(tag !== undefined && { tag }), digest } : undefined;
}

/** True for the two kinds of digest that registries use, in lower case. */
export function isDigest(text: string): boolean {
  return digestForm.test(text);
}

/** The reference in full: `docker.io/library/nginx:1.27@sha256:…`. */
export function formatReference({ host, repository, tag, digest }: ImageReference): string {
  return `${host}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** A registry's name in the one form that is compared: lower case, Docker Hub's other names folded into one. */
export function parseHost(text: string): string | undefined {
  const host = text.toLowerCase();
  const [isHost, address, port] = host.length <= repositoryLimit ? (hostForm.exec(host) ?? []) : [];
  if (isHost === undefined || (address !== undefined && !URL.canParse(`http://[${address}]`)))
    return undefined;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return undefined;
  return dockerHubNames.has(host) ? dockerHub : host;
}

function placeOf(name: string): { readonly host: string; readonly repository: string } | undefined {
  const slash = name.indexOf('/');
  const isHosted = slash > 0 && looksLikeHost(name.slice(0, slash));
  const host = isHosted ? parseHost(name.slice(0, slash)) : dockerHub;
  const path = isHosted ? name.slice(slash + 1) : name;
  if (host === undefined || path.length > repositoryLimit || !pathForm.test(path)) return undefined;
  return { host, repository: host === dockerHub && !path.includes('/') ? `library/${path}` : path };
}

/** What has none of these is the first part of a path on Docker Hub. */
function looksLikeHost(text: string): boolean {
  return /[.:A-Z]/.test(text) || text === 'localhost';
}
