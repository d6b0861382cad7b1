import { ApiError, errorFromBody } from './error';

export type Query = Record<string, string | number | boolean | null | undefined>;

interface CallOptions {
  query?: Query;
  body?: object;
  signal?: AbortSignal;
}

/** How long an answer may take. A revocation of a large app is the slowest call and needs a fraction of it. */
const kCallTimeoutMs = 30_000;

const signedOutListeners = new Set<() => void>();

/** Calls back when an answer says that nobody is signed in any more. */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

function urlOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return `/admin/v1/${path}${text === '' ? '' : `?${text}`}`;
}

async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const timeout = AbortSignal.timeout(kCallTimeoutMs);
  const signals = options.signal ? [options.signal, timeout] : [timeout];
  let response: Response;
  let text: string;
  try {
    const init: RequestInit = {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      signal: anyOf(signals),
    };
    if (method !== 'GET') {
      // Also without a body: the server takes no other type from a browser, which is what keeps
      // other sites' forms out.
      init.headers = { 'Content-Type': 'application/json' };
      init.body = JSON.stringify(options.body ?? {});
    }
    response = await fetch(urlOf(path, options.query), init);
    text = await response.text();
  } catch (thrown) {
    if (options.signal?.aborted) throw thrown;
    throw new ApiError(
      timeout.aborted
        ? 'The server did not answer in time.'
        : 'The server cannot be reached. Is it still running?',
    );
  }
  const body = parseBody(text);
  if (!response.ok) {
    const error = errorFromBody(response.status, body, response.headers.get('Retry-After'));
    // Of the calls that prove who one is, 401 says that the proof was wrong, not that the session ended. Nor does it
    // when the session itself is asked for, which is what the listeners do.
    if (error.isSignedOut && path !== 'session' && !isProof(method, path)) {
      signedOutListeners.forEach((listener) => listener());
    }
    throw error;
  }
  if (body === undefined) {
    throw new ApiError('The answer did not come from a Latchkey server. Is there a proxy between?');
  }
  return body as T;
}

/** Undefined for what is not JSON: a proxy on the way answers with pages of its own. */
function parseBody(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isProof(method: string, path: string): boolean {
  return (
    method === 'POST' &&
    (path === 'setup' || path === 'session/password' || path.endsWith('/reveal'))
  );
}

function anyOf(signals: AbortSignal[]): AbortSignal {
  if (typeof AbortSignal.any === 'function') return AbortSignal.any(signals);
  const controller = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) controller.abort(signal.reason);
    signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  }
  return controller.signal;
}

/** The admin API. Paths are relative to /admin/v1/; parts of them go through `encodeURIComponent`. */
export const api = {
  get: <T>(path: string, options?: { query?: Query; signal?: AbortSignal }) =>
    call<T>('GET', path, options),
  post: <T>(path: string, body: object = {}, signal?: AbortSignal) =>
    call<T>('POST', path, signal ? { body, signal } : { body }),
  patch: <T>(path: string, body: object, signal?: AbortSignal) =>
    call<T>('PATCH', path, signal ? { body, signal } : { body }),
  delete: <T>(path: string, body: object = {}, signal?: AbortSignal) =>
    call<T>('DELETE', path, signal ? { body, signal } : { body }),
};

/** `apps/{key}` and what stands behind it: `appPath(key, 'users', id)`. */
export function appPath(key: string, ...rest: string[]): string {
  return ['apps', key, ...rest].map(encodeURIComponent).join('/');
}
