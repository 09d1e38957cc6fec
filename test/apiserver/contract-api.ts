// A plain client for the contract table: requests and watches, against whatever a kubeconfig names.

import { readFileSync } from 'node:fs';
import { Agent, request, type Dispatcher } from 'undici';
import { parse } from 'yaml';
import { asFields, asList, asText, at, type Fields, type Json } from './object.ts';

export type Answer = {
  readonly code: number;
  readonly text: string;
  /** Null where the text is no JSON. */
  readonly body: Json;
  readonly header: (name: string) => string;
};

export type WatchEvent = { readonly type: string; readonly object: Fields };

type SendOptions = { readonly type?: string; readonly accept?: string; readonly token?: string };

export type Api = {
  readonly send: (method: string, path: string, body?: Json, options?: SendOptions) => Promise<Answer>;
  /** Reads events until there are so many, or the stream ends. */
  readonly watch: (path: string, count: number) => Promise<readonly WatchEvent[]>;
  readonly close: () => Promise<void>;
};

/** Connects as the current user of a kubeconfig, given as text. */
export function connect(kubeconfig: string): Api {
  const config: Json = parse(kubeconfig);
  const cluster = asFields(at(asList(at(config, 'clusters'))[0], 'cluster'));
  const user = asFields(at(asList(at(config, 'users'))[0], 'user'));
  const ca = pem(cluster, 'certificate-authority');
  const strangers = new Agent({ connect: ca });
  const identity = { ...ca, ...pem(user, 'client-certificate', 'cert'), ...pem(user, 'client-key', 'key') };
  const known = new Agent({ connect: identity });
  const server = asText(cluster['server']);
  const ask = (
    method: string,
    path: string,
    options: SendOptions,
    body?: string,
  ): Promise<Dispatcher.ResponseData> => {
    // A token of somebody else's must not be outweighed by our certificate.
    const dispatcher = options.token === undefined ? known : strangers;
    return request(server + path, {
      method,
      headers: headersOf(user, options),
      body: body ?? null,
      dispatcher,
    });
  };
  return {
    send: async (method, path, body, options = {}) => {
      const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
      return answerOf(await ask(method, path, options, text));
    },
    watch: async (path, count) => eventsOf((await ask('GET', path, {})).body, count),
    close: async () => void (await Promise.all([known.destroy(), strangers.destroy()])),
  };
}

function headersOf(user: Fields, { type, accept, token }: SendOptions): Record<string, string> {
  const bearer = token ?? asText(user['token']);
  return {
    'content-type': type ?? 'application/json',
    accept: accept ?? 'application/json',
    'user-agent': 'contract/1',
    ...(bearer !== '' && { authorization: `Bearer ${bearer}` }),
  };
}

/** A certificate or key from its file or its `-data`. */
function pem(fields: Fields, name: string, as = 'ca'): Record<string, string | Buffer> {
  const path = asText(fields[name]);
  if (path !== '') return { [as]: readFileSync(path) };
  const data = asText(fields[`${name}-data`]);
  return data === '' ? {} : { [as]: Buffer.from(data, 'base64') };
}

async function answerOf({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<Answer> {
  const text = await body.text();
  return { code: statusCode, text, body: jsonOrNull(text), header: (name) => String(headers[name] ?? '') };
}

function jsonOrNull(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function eventsOf(
  body: Dispatcher.ResponseData['body'],
  count: number,
): Promise<readonly WatchEvent[]> {
  const events: WatchEvent[] = [];
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    events.push(...lines.map(eventOf));
    if (events.length >= count) break;
  }
  return events;
}

function eventOf(line: string): WatchEvent {
  const { type, object } = asFields(jsonOrNull(line));
  return { type: asText(type), object: asFields(object) };
}
