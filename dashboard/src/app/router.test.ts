import { describe, expect, it } from 'vitest';
import { matchPath, parseHash, toPath } from './router';

describe('an address', () => {
  it('is a path and a query', () => {
    const { path, query } = parseHash('#/setup?code=ab%2Bcd');
    expect(path).toBe('/setup');
    expect(query.get('code')).toBe('ab+cd');
  });

  it('is the first page where there is none', () => {
    expect(parseHash('').path).toBe('/');
    expect(parseHash('#apps').path).toBe('/apps');
  });
});

describe('a pattern', () => {
  it('yields the parts that it names, decoded', () => {
    expect(matchPath('/apps/:key/users/:id', '/apps/k1/users/a%2Fb%20c')).toEqual({
      key: 'k1',
      id: 'a/b c',
    });
  });

  it('does not match a longer, a shorter or another path', () => {
    expect(matchPath('/apps/:key', '/apps/k1')).toEqual({ key: 'k1' });
    expect(matchPath('/apps/:key', '/apps/k1/users')).toBeNull();
    expect(matchPath('/apps/:key', '/apps')).toBeNull();
    expect(matchPath('/apps/:key', '/app/k1')).toBeNull();
  });

  it('does not match an empty or a broken part', () => {
    expect(matchPath('/apps/:key/users', '/apps//users')).toBeNull();
    expect(matchPath('/apps/:key', '/apps/%zz')).toBeNull();
  });

  it('makes paths that it matches again', () => {
    const params = { key: 'k-1', id: 'ü/?#%' };
    const path = toPath('/apps/:key/users/:id', params);
    expect(matchPath('/apps/:key/users/:id', path)).toEqual(params);
  });

  it('leaves out what the query has nothing to say about', () => {
    expect(toPath('/audit', {}, { app: 'k', actor: '', action: undefined })).toBe('/audit?app=k');
  });
});
