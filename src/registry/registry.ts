// Images in registries: what a tag means now, and an image's config and layers.

import type { Platform } from '../model/image.ts';
import type { CredentialSource } from './credential.ts';
import type { ImageSource } from './image-source.ts';
import type { Limits } from './limits.ts';
import type { RegistryOptions } from './options.ts';
import type { ImageReference } from './reference.ts';

export type RemoteImage = ImageSource & { readonly reference: ImageReference };

export type RegistrySettings = {
  readonly hosts?: RegistryOptions;
  readonly credentials?: readonly CredentialSource[];
  readonly limits?: Partial<Limits>;
  /** Whether a registry may be asked that the options do not list; without it, every one may. */
  readonly isAllowed?: (host: string) => boolean;
  /** Called once for each HTTP attempt, with the host and the status or, where nobody answered, the code. */
  readonly onRequest?: (host: string, outcome: string) => void;
  readonly userAgent?: string;
  readonly now?: () => number;
  readonly random?: () => number;
};

/** All registries, over one pool of connections. Failures are RegistryErrors. */
export class Registry {
  readonly #settings: RegistrySettings;

  constructor(settings: RegistrySettings = {}) {
    this.#settings = settings;
  }

  /**
   * The image for a platform, with its config; layers are fetched when they are read. Without a platform, the only one
   * that the index has.
   */
  async open(
    _reference: ImageReference,
    _platform: Platform | undefined,
    _signal: AbortSignal,
  ): Promise<RemoteImage> {
    throw new Error(`not yet ${String(this.#settings)}`);
  }

  /** The digest of what the reference names now: an index's where there is one. */
  async digestNow(_reference: ImageReference, _signal: AbortSignal): Promise<string> {
    throw new Error(`not yet ${String(this.#settings)}`);
  }

  /** Ends every connection. */
  async close(): Promise<void> {}
}
