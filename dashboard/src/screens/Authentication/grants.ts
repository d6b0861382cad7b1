import type { AppSettings } from '../../api/types';

/** The one permission that anonymous callers can be given (docs/concepts/roles-and-grants.md). */
const kFindUsers = 'search-user';
const kAnonymous = 'anonymous';

/** Whether the App lets callers who are nobody find its users. */
export function lettingAnonymousFind(settings: AppSettings): boolean {
  if (settings.disable_permissions_checks) return true;
  if (settings.user_search_disallowed_roles.includes(kAnonymous)) return false;
  return settings.grants[kAnonymous]?.includes(kFindUsers) ?? false;
}

/** The change of `grants` that lets them, or stops it. What else the role was granted stays granted. */
export function anonymousGrant(grants: AppSettings['grants'], find: boolean) {
  const others = (grants[kAnonymous] ?? []).filter((id) => id !== kFindUsers);
  const granted = find ? [...others, kFindUsers] : others;
  // Nothing at all is the role's default too, which `null` gives back.
  return { [kAnonymous]: granted.length === 0 ? null : granted };
}

/** The change that brings back what `grants` says of the role. */
export function anonymousGrantOf(grants: AppSettings['grants']) {
  return { [kAnonymous]: grants[kAnonymous] ?? null };
}
