import { useSyncExternalStore, type AnchorHTMLAttributes } from 'react';

/**
 * The address is the part behind `#`: `#/apps/key/users?search=jo`. It never reaches the server, so a set-up code
 * in it is in nobody's log, and every path of the admin listener can answer with the same page.
 */
export interface Location {
  /** Begins with a slash; its parts are still percent-encoded. */
  path: string;
  query: URLSearchParams;
}

export type Params = Record<string, string>;

export function parseHash(hash: string): Location {
  const text = hash.replace(/^#/, '');
  const mark = text.indexOf('?');
  const path = mark < 0 ? text : text.slice(0, mark);
  return {
    path: path.startsWith('/') ? path : `/${path}`,
    query: new URLSearchParams(mark < 0 ? '' : text.slice(mark + 1)),
  };
}

/** `/apps/:key/users` against a path: the values of its names, decoded, or null. */
export function matchPath(pattern: string, path: string): Params | null {
  const wanted = pattern.split('/');
  const given = path.replace(/\/+$/, '').split('/');
  if (path === '/') given.push('');
  if (wanted.length !== given.length) return null;
  const params: Params = {};
  for (let i = 0; i < wanted.length; i++) {
    const want = wanted[i] ?? '';
    const have = given[i] ?? '';
    if (want.startsWith(':')) {
      if (have === '') return null;
      try {
        params[want.slice(1)] = decodeURIComponent(have);
      } catch {
        return null;
      }
    } else if (want !== have) {
      return null;
    }
  }
  return params;
}

/** Puts values into a pattern: `toPath('/apps/:key', {key})`, with a query where there is something to say. */
export function toPath(
  pattern: string,
  params: Params = {},
  query: Record<string, string | undefined> = {},
): string {
  const path = pattern
    .split('/')
    .map((part) => (part.startsWith(':') ? encodeURIComponent(params[part.slice(1)] ?? '') : part))
    .join('/');
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, value);
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

export function navigate(to: string, how: { replace?: boolean } = {}): void {
  if (how.replace) {
    history.replaceState(null, '', `#${to}`);
    dispatchEvent(new HashChangeEvent('hashchange'));
  } else {
    location.hash = to;
  }
}

let seen = { hash: '', location: parseHash('') };

function current(): Location {
  const hash = window.location.hash;
  if (hash !== seen.hash) seen = { hash, location: parseHash(hash) };
  return seen.location;
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

export function useLocation(): Location {
  return useSyncExternalStore(subscribe, current);
}

export function Link({ to, ...rest }: { to: string } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  return <a href={`#${to}`} {...rest} />;
}
