import { Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { Icon, IconButton, Loading, Logo, useToast } from '../ui';
import { messageOf } from '../api/error';
import { visibleName } from '../untrusted/visible';
import { useApps } from './apps';
import { ScreenBoundary } from './boundary';
import { useLiveStatus } from './live';
import { ModeBadge } from './mode-badge';
import { useAppKey } from './params';
import { Link, matchPath, navigate, toPath, useLocation } from './router';
import { appNav, kOverviewPattern, serverNav, type NavItem } from './routes';
import { useMe, useSession } from './session';
import { ThemeSwitch } from './theme-switch';

/** Around every screen of somebody who is signed in: the navigation at the side, folded away on a narrow page. */
export function Shell({ children }: { children: ReactNode }) {
  const { path } = useLocation();
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLDivElement>(null);
  const shown = useShownApp();
  useEffect(() => setOpen(false), [path]);
  return (
    <div className="shell" data-menu={open ? 'open' : 'closed'}>
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        Skip to the content
      </a>
      <header className="shell-head">
        <div className="topbar" ref={opener}>
          <IconButton
            icon={open ? 'close' : 'menu'}
            label={open ? 'Close the navigation' : 'Open the navigation'}
            aria-expanded={open}
            aria-controls="sidebar"
            onClick={() => setOpen(!open)}
          />
          <Link to="/apps" className="brand">
            <Logo /> Latchkey
          </Link>
          <LiveMark />
        </div>
        <div
          className="sidebar"
          id="sidebar"
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || !open) return;
            setOpen(false);
            opener.current?.querySelector('button')?.focus();
          }}
        >
          <Link to="/apps" className="brand brand-side">
            <Logo /> Latchkey
          </Link>
          <AppSwitcher shown={shown} />
          <Navigation shown={shown} />
          <div className="sidebar-foot">
            <LiveMark />
            <ThemeSwitch />
            <Whoami />
          </div>
        </div>
      </header>
      <div className="scrim" onClick={() => setOpen(false)} />
      <main id="main" tabIndex={-1}>
        <ScreenBoundary key={path}>
          <Suspense fallback={<Loading />}>{children}</Suspense>
        </ScreenBoundary>
      </main>
    </div>
  );
}

/** The App in the address, or else the one that was there last: its pages stay at hand on the server's own. */
function useShownApp(): string {
  const key = useAppKey();
  const last = useRef(key);
  if (key !== '') last.current = key;
  return last.current;
}

function AppSwitcher({ shown: key }: { shown: string }) {
  const { data: apps } = useApps();
  const current = apps?.find((app) => app.api_key === key);
  if (!apps || apps.length === 0 || !current) return null;
  return (
    <div className="switcher">
      <label htmlFor="app-switcher" className="nav-title">
        App
      </label>
      <select
        id="app-switcher"
        className="input"
        value={key}
        onChange={(event) => navigate(toPath(kOverviewPattern, { key: event.target.value }))}
      >
        {apps.map((app) => (
          <option key={app.api_key} value={app.api_key}>
            {visibleName(app.name)}
          </option>
        ))}
      </select>
      <ModeBadge mode={current.mode} />
    </div>
  );
}

function Navigation({ shown: key }: { shown: string }) {
  const known = useApps().data?.some((app) => app.api_key === key);
  return (
    <nav aria-label="Main">
      {known && <NavList items={appNav} params={{ key }} />}
      <p className="nav-title" id="nav-server">
        Server
      </p>
      <NavList items={serverNav} params={{}} labelledBy="nav-server" />
    </nav>
  );
}

function NavList({
  items,
  params,
  labelledBy,
}: {
  items: readonly NavItem[];
  params: Record<string, string>;
  labelledBy?: string;
}) {
  const { path } = useLocation();
  return (
    <ul className="nav-list" aria-labelledby={labelledBy}>
      {items.map((item) => {
        const to = toPath(item.pattern, params);
        const here = matchPath(item.pattern, path) !== null;
        // A page below it (one user of Users) keeps its mark, but not below an App's own first page.
        const below = item.pattern.split('/').length > 3 && path.startsWith(`${to}/`);
        return (
          <li key={item.pattern}>
            <Link
              to={to}
              aria-current={here ? 'page' : below ? 'true' : undefined}
              className="nav-link"
            >
              <Icon name={item.icon} /> {item.label}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

function LiveMark() {
  const status = useLiveStatus();
  const words = { connecting: 'Connecting', open: 'Live', lost: 'Reconnecting' }[status];
  return (
    <p className={`live-mark live-${status}`} role="status">
      <span className="live-dot" aria-hidden="true" /> {words}
    </p>
  );
}

function Whoami() {
  const me = useMe();
  const { signOut } = useSession();
  const toast = useToast();
  if (!me) return null;
  return (
    <div className="whoami">
      <div className="whoami-words">
        <strong title={me.name}>{me.name}</strong>
        <span>{me.role}</span>
      </div>
      <IconButton
        icon="out"
        label="Sign out"
        onClick={() => {
          signOut().catch((thrown: unknown) =>
            toast({ title: 'Not signed out', detail: messageOf(thrown), tone: 'danger' }),
          );
        }}
      />
    </div>
  );
}
