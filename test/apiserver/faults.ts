// Named ways in which the real API server, or the network before it, fails its clients.

import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, expired, statusOf } from './api-error.ts';
import { jsonText } from './object.ts';
import type { ApiRequest } from './request.ts';
import type { Sink } from './sink.ts';

/** Something that happens to the next `times` requests that `when` picks. */
export type Fault = {
  readonly name: string;
  readonly when: (request: ApiRequest) => boolean;
  readonly times: number;
  /** Comes instead of the answer. */
  readonly refusal?: ApiError;
  /** Stands between the answer and the client. */
  readonly through?: (sink: Sink) => Sink;
};

/** Whom a fault hits, and how often; once and everybody it can apply to, unless said. */
export type Target = { readonly when?: Fault['when']; readonly times?: number };

export const watches = (plural?: string): Fault['when'] => requests('watch', plural);
export const lists = (plural?: string): Fault['when'] => requests('list', plural);
export const writes =
  (plural?: string): Fault['when'] =>
  ({ verb, resource }) =>
    ['create', 'update', 'patch', 'delete'].includes(verb) && (plural === undefined || resource === plural);

function requests(verb: string, plural: string | undefined): Fault['when'] {
  return (request) => request.verb === verb && (plural === undefined || request.resource === plural);
}

const anything = (): boolean => true;

/** The connection stays open and nothing comes any more, not even the end; `afterWrites` lines come before that. */
export function radioSilence({
  afterWrites = 0,
  ...target
}: Target & { readonly afterWrites?: number } = {}): Fault {
  return streamFault('radio silence', target, (sink) => {
    let left = afterWrites;
    return { ...sink, write: (bytes) => (left-- > 0 ? sink.write(bytes) : undefined), end: () => undefined };
  });
}

/** The connection breaks in the middle of an object, after so many bytes of the body. */
export function resetAfter(sizeBytes: number, target: Target = {}): Fault {
  return streamFault('reset', target, (sink) => {
    let left = sizeBytes;
    const write: Sink['write'] = (bytes) => {
      const buffer = Buffer.from(bytes);
      if (left > 0) sink.write(buffer.subarray(0, left));
      left -= buffer.length;
      // The rest of the answer must not overtake the reset, and the bytes before it must leave first.
      if (left <= 0) setImmediate(sink.reset);
    };
    return { ...sink, write, end: () => (left > 0 ? sink.end() : undefined) };
  });
}

/** Every event of a watch comes twice. */
export function duplicateEvents(target: Target = {}): Fault {
  return streamFault('duplicate events', target, (sink) => ({
    ...sink,
    write: (bytes) => [bytes, bytes].forEach(sink.write),
  }));
}

/** Each pair of events comes the wrong way round. */
export function outOfOrderEvents(target: Target = {}): Fault {
  return streamFault('out-of-order events', target, (sink) => {
    let held: string | Buffer | undefined;
    const write: Sink['write'] = (bytes) => {
      if (held !== undefined) [bytes, held].forEach(sink.write);
      held = held === undefined ? bytes : undefined;
    };
    return { ...sink, write };
  });
}

/** A line that is no JSON stands before the first event. */
export function garbageLine(target: Target = {}): Fault {
  return streamFault('garbage line', target, (sink) => {
    const head: Sink['head'] = (code, headers) => {
      sink.head(code, headers);
      sink.write('{"type":"ADDED","object":{"kind":<html>502 Bad Gateway</html>\n');
    };
    return { ...sink, head };
  });
}

/** The answer comes a few bytes at a time, cut anywhere, in the middle of characters too. */
export function slowDrip(sizeBytes: number, intervalMs: number, target: Target = {}): Fault {
  return streamFault('slow drip', target, (sink) => {
    let last = Promise.resolve();
    const drip = async (buffer: Buffer): Promise<void> => {
      for (let at = 0; at < buffer.length && !sink.closed.aborted; at += sizeBytes) {
        sink.write(buffer.subarray(at, at + sizeBytes));
        await delay(intervalMs);
      }
    };
    return {
      ...sink,
      write: (bytes) => void (last = last.then(() => drip(Buffer.from(bytes)))),
      end: () => void (last = last.then(sink.end)),
    };
  });
}

/** The watch begins, and its only event is that the version is too old. */
export function watchExpired(target: Target = {}): Fault {
  const line = `${jsonText({ type: 'ERROR', object: statusOf(expired('too old resource version: 1 (2)')) })}\n`;
  return streamFault('watch expired', target, (sink) => {
    const head: Sink['head'] = (code, headers) => {
      sink.head(code, headers);
      sink.write(line);
      sink.end();
    };
    return { ...sink, head, write: () => undefined, end: () => undefined };
  });
}

/** A proxy or a wrong backend answers, with a page for people. */
export function htmlPage(code: number, target: Target = {}): Fault {
  return streamFault(`HTML with ${code}`, { when: anything, ...target }, (sink) => {
    const head = (): void => {
      sink.head(code, { 'content-type': 'text/html' });
      sink.write('<html><body>Not here</body></html>');
      sink.end();
    };
    return { ...sink, head, write: () => undefined, end: () => undefined };
  });
}

/** 410 in the status line, as for a list whose token is too old. */
export function goneAnswer(target: Target = {}): Fault {
  return refusal('410 Expired', expired('The provided continue parameter is too old.'), target);
}

/** 429 with Retry-After, as from priority and fairness. */
export function tooManyRequests(retryAfterSeconds: number, target: Target = {}): Fault {
  const details = { retryAfterSeconds };
  return refusal(
    '429',
    new ApiError(429, 'TooManyRequests', 'too many requests, please try again later', details),
    target,
  );
}

export function internalError(target: Target = {}): Fault {
  return refusal(
    '500',
    new ApiError(500, 'InternalError', 'Internal error occurred: etcd is having a bad day'),
    target,
  );
}

export function unavailable(target: Target = {}): Fault {
  return refusal('503', new ApiError(503, 'ServiceUnavailable', 'apiserver is shutting down'), target);
}

export function forbidden(target: Target = {}): Fault {
  return refusal('403', new ApiError(403, 'Forbidden', 'access is forbidden', {}), target);
}

export function unauthorized(target: Target = {}): Fault {
  return refusal('401', new ApiError(401, 'Unauthorized', 'Unauthorized'), target);
}

/** The connection breaks before any answer. To have connections refused outright, stop the server. */
export function brokenConnection(target: Target = {}): Fault {
  return streamFault('broken connection', { when: anything, ...target }, (sink) => ({
    ...sink,
    head: sink.reset,
    write: () => undefined,
    end: () => undefined,
  }));
}

/** 404 from a proxy before the API server, which lost its way. */
export function proxyNotFound(target: Target = {}): Fault {
  return streamFault('404 of a proxy', { when: anything, ...target }, (sink) => ({
    ...sink,
    head: () => {
      sink.head(404, { 'content-type': 'text/html' });
      sink.write('<html>404 Not Found</html>');
      sink.end();
    },
    write: () => undefined,
    end: () => undefined,
  }));
}

function streamFault(
  name: string,
  { when = watches(), times = 1 }: Target,
  through: (sink: Sink) => Sink,
): Fault {
  return { name, when, times, through };
}

function refusal(name: string, error: ApiError, { when = anything, times = 1 }: Target): Fault {
  return { name, when, times, refusal: error };
}
