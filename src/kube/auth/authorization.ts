// The credentials of a connection to an API server, and its TLS settings.

/** What a connection needs to know; nothing in here is ever logged. */
export type Authorization = { readonly headers: Record<string, string>; readonly tls: TlsSettings };

export type TlsSettings = {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly rejectUnauthorized?: boolean;
  readonly servername?: string;
};
