import { lazy, type ComponentType, type LazyExoticComponent } from 'react';
import type { IconName } from '../ui';

/** A screen is handed nothing: `useParams()` has the names of its pattern, `useLocation()` the query. */
type Screen = LazyExoticComponent<ComponentType>;

export interface Route {
  pattern: string;
  /** Loaded when it is first gone to, so that the first view stays small. */
  screen: Screen;
  /** Who may see it: anybody, or those who are signed in (the default). */
  open?: boolean;
  /** How the page before the sign-in calls it, of one that is open to anybody. */
  label?: string;
}

export interface NavItem {
  pattern: string;
  label: string;
  icon: IconName;
}

export const kOverviewPattern = '/apps/:key';

export const routes: readonly Route[] = [
  { pattern: '/apps', screen: lazy(() => import('../screens/Apps')) },
  { pattern: kOverviewPattern, screen: lazy(() => import('../screens/Overview')) },
  {
    pattern: '/apps/:key/authentication',
    screen: lazy(() => import('../screens/Authentication')),
  },
  { pattern: '/apps/:key/users', screen: lazy(() => import('../screens/Users')) },
  { pattern: '/apps/:key/users/:id', screen: lazy(() => import('../screens/User')) },
  { pattern: '/apps/:key/connections', screen: lazy(() => import('../screens/Connections')) },
  { pattern: '/apps/:key/tokens', screen: lazy(() => import('../screens/TokenTools')) },
  { pattern: '/apps/:key/settings', screen: lazy(() => import('../screens/AppSettings')) },
  { pattern: '/audit', screen: lazy(() => import('../screens/Audit')) },
  { pattern: '/settings', screen: lazy(() => import('../screens/Settings')) },
  {
    pattern: '/token-generator',
    screen: lazy(() => import('../screens/TokenGenerator')),
    open: true,
    label: 'Token generator',
  },
];

/** The pages of an App, in the order of the navigation. */
export const appNav: readonly NavItem[] = [
  { pattern: kOverviewPattern, label: 'Overview', icon: 'overview' },
  { pattern: '/apps/:key/authentication', label: 'Authentication', icon: 'lock' },
  { pattern: '/apps/:key/users', label: 'Users', icon: 'users' },
  { pattern: '/apps/:key/connections', label: 'Connections', icon: 'plug' },
  { pattern: '/apps/:key/tokens', label: 'Token tools', icon: 'token' },
  { pattern: '/apps/:key/settings', label: 'App settings', icon: 'settings' },
];

/** The pages of the whole server. */
export const serverNav: readonly NavItem[] = [
  { pattern: '/apps', label: 'Apps', icon: 'apps' },
  { pattern: '/audit', label: 'Audit', icon: 'audit' },
  { pattern: '/settings', label: 'Settings', icon: 'server' },
];
