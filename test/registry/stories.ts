// What registries and those who pretend to be one do to a client.

import type { ServerResponse } from 'node:http';
import type { Exchange, Story } from './registry-server.ts';

/** Asks for a token, which it gives at `/token` to whom `gives` says; tokens are good for `uses` requests. */
export function wantsToken(settings: {
  readonly realm?: string;
  /** From the Authorization header, or the refresh token of a form; undefined refuses. */
  readonly gives?: (proof: string) => string | undefined;
  readonly uses?: number;
  readonly field?: string;
}): Story {
  const { gives = () => 'good', uses = Infinity, field = 'token' } = settings;
  const left = new Map<string, number>();
  return ({ request, response, url, server }) => {
    if (url.pathname === '/token') {
      void formOf(request).then((form) => {
        const token = gives(form.get('refresh_token') ?? request.headers.authorization ?? '');
        if (token === undefined) return refuse(response, 401);
        left.set(`Bearer ${token}`, uses);
        return sendJson(response, { [field]: token, expires_in: 300 });
      });
      return true;
    }
    const authorization = request.headers.authorization ?? '';
    const count = left.get(authorization) ?? 0;
    left.set(authorization, count - 1);
    if (count > 0) return false;
    const realm = settings.realm ?? `${server.origin}/token`;
    refuse(response, 401, {
      'www-authenticate': `Bearer realm="${realm}",service="the service",scope="repository:x:pull"`,
    });
    return true;
  };
}

/** Asks for this name and password. */
export function wantsPassword(username: string, password: string): Story {
  const good = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return ({ request, response }) => {
    if (request.headers.authorization === good) return false;
    refuse(response, 401, { 'www-authenticate': 'Basic realm="registry"' });
    return true;
  };
}

/** Redirects requests for blobs. */
export function redirectsBlobs(to: (url: URL) => string): Story {
  return ({ response, url }) => {
    if (!isBlob(url)) return false;
    response.writeHead(307, { location: to(url) }).end();
    return true;
  };
}

/** Answers this status to the first requests that fit, or to all. */
export function answers(
  status: number,
  settings: {
    readonly times?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly fits?: (url: URL) => boolean;
  } = {},
): Story {
  let left = settings.times ?? Infinity;
  return ({ response, url }) => {
    if (left <= 0 || !(settings.fits ?? (() => true))(url)) return false;
    left -= 1;
    refuse(response, status, settings.headers);
    return true;
  };
}

/** A body of its own for the paths that fit. */
export function sends(fits: (url: URL) => boolean, write: (exchange: Exchange) => void): Story {
  return (exchange) => {
    if (!fits(exchange.url)) return false;
    write(exchange);
    return true;
  };
}

/** A body without an end. */
export function endless({ response }: Exchange): void {
  const piece = Buffer.alloc(64 * 1024, 'x');
  const more = (): void => {
    while (!response.destroyed && response.write(piece));
  };
  response.writeHead(200).on('drain', more);
  more();
}

/** A byte now and then, without an end. */
export function drips(intervalMs: number): (exchange: Exchange) => void {
  return ({ response }) => {
    response.writeHead(200).flushHeaders();
    const timer = setInterval(() => response.write('x'), intervalMs);
    response.on('close', () => clearInterval(timer));
  };
}

export function isBlob(url: URL): boolean {
  return url.pathname.includes('/blobs/');
}

export function isManifest(url: URL): boolean {
  return url.pathname.includes('/manifests/');
}

function refuse(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ errors: [{ code: `CODE_${status}`, message: 'as the story goes' }] }));
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function formOf(request: AsyncIterable<Buffer>): Promise<URLSearchParams> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return new URLSearchParams(Buffer.concat(pieces).toString());
}
