import { expect, it } from 'vitest';
import type { AppSettings } from '../../api/types';
import { anonymousGrant, anonymousGrantOf, lettingAnonymousFind } from './grants';

const settings = (changes: Partial<AppSettings>) =>
  ({ disable_permissions_checks: false, user_search_disallowed_roles: [], grants: {}, ...changes }) as AppSettings;

it('lets anonymous callers find users where they are granted it, or nothing is checked', () => {
  expect(lettingAnonymousFind(settings({}))).toBe(false);
  expect(lettingAnonymousFind(settings({ grants: { anonymous: ['read-channel'] } }))).toBe(false);
  expect(lettingAnonymousFind(settings({ grants: { anonymous: ['search-user'] } }))).toBe(true);
  expect(lettingAnonymousFind(settings({ disable_permissions_checks: true }))).toBe(true);
});

it('does not where their role is kept from searching, whatever it is granted', () => {
  const kept = { user_search_disallowed_roles: ['anonymous'], grants: { anonymous: ['search-user'] } };
  expect(lettingAnonymousFind(settings(kept))).toBe(false);
  // Without checks that list counts for nothing either.
  expect(lettingAnonymousFind(settings({ ...kept, disable_permissions_checks: true }))).toBe(true);
});

it('changes that one grant, and no other of the role', () => {
  expect(anonymousGrant({}, true)).toEqual({ anonymous: ['search-user'] });
  expect(anonymousGrant({ anonymous: ['read-channel'], user: [] }, true)).toEqual({
    anonymous: ['read-channel', 'search-user'],
  });
  expect(anonymousGrant({ anonymous: ['read-channel', 'search-user'] }, false)).toEqual({
    anonymous: ['read-channel'],
  });
});

it('gives the default back where nothing is left, and by an undo where there was nothing', () => {
  expect(anonymousGrant({ anonymous: ['search-user'] }, false)).toEqual({ anonymous: null });
  expect(anonymousGrantOf({ user: ['search-user'] })).toEqual({ anonymous: null });
  expect(anonymousGrantOf({ anonymous: [] })).toEqual({ anonymous: [] });
});
