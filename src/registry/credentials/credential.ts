// Credentials for a registry. Values stay in this folder, for the length of one pull.

import type { ImageReference } from '../../engine/platform/image/image-reference.ts';

/** `token` is an OAuth2 refresh token, to be exchanged; `bearer` is sent as it is. */
export type Credential =
  | { readonly is: 'basic'; readonly username: string; readonly password: string }
  | { readonly is: 'token'; readonly identityToken: string; readonly username?: string }
  | { readonly is: 'bearer'; readonly token: string };

/**
 * The credentials for an image, the best first; an empty list when the source has none. Anonymous access is tried last.
 * Throws a RegistryError that names the source and never a value.
 */
export type CredentialSource = (image: ImageReference, signal: AbortSignal) => Promise<readonly Credential[]>;
