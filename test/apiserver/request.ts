// What a client asks for: a URL and a method taken apart.

/** One request as the server understood it; tests assert on these. */
export type ApiRequest = {
  /** `get list watch create update patch delete`, or the HTTP method where a path names no resource. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  /** The plural, `pods`; empty for discovery and health. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly userAgent: string;
  readonly path: string;
  /** The query; of a parameter given twice, the last. */
  readonly parameters: Readonly<Record<string, string>>;
};

/** `url` with path and query. */
export function readRequest(method: string, url: string, userAgent: string): ApiRequest {
  const { pathname, searchParams } = new URL(url, 'http://api');
  const parameters = Object.fromEntries(searchParams);
  const steps = pathname
    .split('/')
    .filter((step) => step !== '')
    .map(decodeURIComponent);
  const [root, ...rest] = steps;
  const isApi = root === 'api' ? rest.length > 1 : root === 'apis' && rest.length > 2;
  const nowhere = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };
  if (!isApi) return { verb: method.toLowerCase(), ...nowhere, userAgent, path: pathname, parameters };
  const [group = '', version = '', ...where] = root === 'api' ? ['', ...rest] : rest;
  const place = placeOf(where);
  const verb = verbOf(method, place.name, parameters['watch']);
  return { verb, group, version, ...place, userAgent, path: pathname, parameters };
}

type Place = Pick<ApiRequest, 'resource' | 'subresource' | 'namespace' | 'name'>;

/** `namespaces/shop/pods/web/status`; a namespace is itself a resource, `namespaces/shop/status`. */
function placeOf(where: readonly string[]): Place {
  const isNamespaced = where[0] === 'namespaces' && where.length > 2 && where[2] !== 'status';
  const [resource = '', name = '', subresource = ''] = isNamespaced ? where.slice(2) : where;
  return { resource, name, subresource, namespace: isNamespaced ? (where[1] ?? '') : '' };
}

function verbOf(method: string, name: string, watch: string | undefined): string {
  if (method === 'GET' && name === '') return watch === 'true' || watch === '1' ? 'watch' : 'list';
  const verbs: Readonly<Record<string, string>> = {
    GET: 'get',
    POST: name === '' ? 'create' : 'post',
    PUT: name === '' ? 'put' : 'update',
    PATCH: name === '' ? 'patch collection' : 'patch',
    DELETE: name === '' ? 'delete collection' : 'delete',
  };
  return verbs[method] ?? method.toLowerCase();
}
