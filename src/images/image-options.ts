// Where images may be read from, and with which credentials.

export type ImageAccessFiles = {
  readonly registryConfig?: string | undefined;
  readonly dockerConfig?: string | undefined;
  readonly credentialProviderConfig?: string | undefined;
  readonly credentialProviderBinDir?: string | undefined;
};

export type ImageOptions = ImageAccessFiles & {
  readonly inspect: boolean;
  /** Registries that may be read although no node has an image from them. */
  readonly registries: readonly string[];
  /** 0 means no limit. */
  readonly bytesPerMinute: number;
  readonly pullSecrets: boolean;
};
