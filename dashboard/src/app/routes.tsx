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
];

/** The pages of an App, in the order of the navigation. */
export const appNav: readonly NavItem[] = [
  { pattern: kOverviewPattern, label: 'Overview', icon: 'overview' },
];

/** The pages of the whole server. */
export const serverNav: readonly NavItem[] = [{ pattern: '/apps', label: 'Apps', icon: 'apps' }];
