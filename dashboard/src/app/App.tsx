import { lazy, Suspense, useCallback, useEffect, type ReactNode } from 'react';
import { Callout, EmptyState, ErrorNote, LinkButton, Loading, PageHeader, Button, ToastProvider } from '../ui';
import { AppsProvider, useApps } from './apps';
import { LiveProvider } from './live';
import { ParamsContext } from './params';
import { matchPath, navigate, toPath, useLocation, type Params } from './router';
import { routes, type Route } from './routes';
import { SessionProvider, useMe, useSession } from './session';
import { Shell } from './shell';

const SetUp = lazy(() => import('../screens/SetUp'));
const SignIn = lazy(() => import('../screens/SignIn'));

export function App() {
  return (
    <SessionProvider>
      <Messages>
        <Screens />
      </Messages>
    </SessionProvider>
  );
}

function Messages({ children }: { children: ReactNode }) {
  return <ToastProvider reader={useMe()?.name ?? ''}>{children}</ToastProvider>;
}

interface Found {
  route: Route;
  params: Params;
}

function find(path: string): Found | null {
  for (const route of routes) {
    const params = matchPath(route.pattern, path);
    if (params) return { route, params };
  }
  return null;
}

/** Who is here decides what is shown: set-up, sign-in, or the page in the address. */
function Screens() {
  const { session, failure, refresh } = useSession();
  const { path, query } = useLocation();
  const found = find(path);
  const state = session?.state;

  useEffect(() => {
    if (state === 'setup' && path !== '/setup' && !found?.route.open) {
      navigate('/setup', { replace: true });
    } else if (state === 'signed_out' && path !== '/sign-in' && !found?.route.open) {
      // Back to where one was, behind the sign-in.
      const search = query.toString();
      const here = search === '' ? path : `${path}?${search}`;
      navigate(toPath('/sign-in', {}, { to: found ? here : undefined }), { replace: true });
    } else if (state === 'signed_in' && ['/', '/setup', '/sign-in'].includes(path)) {
      const to = query.get('to');
      navigate(path === '/sign-in' && to !== null && find(to.split('?')[0] ?? '') ? to : '/apps', {
        replace: true,
      });
    }
  }, [state, path, query, found]);

  const ended = useCallback(() => void refresh(), [refresh]);
  if (!session) {
    if (failure === null) return <Loading />;
    // What asks nothing of the server works without it.
    if (found?.route.open) return <Bare found={found} />;
    return (
      <div className="door">
        <Callout tone="danger" title="The server does not answer" alert>
          <p>{failure}</p>
          <Button small onClick={() => void refresh()}>
            Try again
          </Button>
        </Callout>
      </div>
    );
  }
  if (session.state !== 'signed_in') {
    if (found?.route.open) return <Bare found={found} />;
    return (
      <Suspense fallback={<Loading />}>
        {session.state === 'setup' ? <SetUp /> : <SignIn />}
      </Suspense>
    );
  }
  return (
    <LiveProvider onEnded={ended}>
      <AppsProvider>
        <ParamsContext value={found?.params ?? {}}>
          <Shell>
            {found ? (
              <AppGuard>
                <found.route.screen key={path} />
              </AppGuard>
            ) : (
              <NothingHere />
            )}
          </Shell>
        </ParamsContext>
      </AppsProvider>
    </LiveProvider>
  );
}

/** A page that needs nobody signed in, without the navigation. */
function Bare({ found }: { found: Found }) {
  return (
    <ParamsContext value={found.params}>
      <main className="bare" id="main">
        <Suspense fallback={<Loading />}>
          <found.route.screen />
        </Suspense>
      </main>
    </ParamsContext>
  );
}

/** Lets the screens of an App be shown only where there is such an App. */
function AppGuard({ children }: { children: ReactNode }) {
  const { path } = useLocation();
  const { data: apps, error, reload } = useApps();
  const key = find(path)?.params['key'];
  if (key === undefined) return children;
  if (!apps) {
    return error === undefined ? (
      <Loading />
    ) : (
      <>
        <PageHeader title="App" />
        <ErrorNote error={error} retry={reload} />
      </>
    );
  }
  return apps.some((app) => app.api_key === key) ? children : <NothingHere />;
}

function NothingHere() {
  return (
    <>
      <PageHeader title="Nothing here" />
      <EmptyState
        title="There is no such page, or no such app any more."
        actions={<LinkButton to="/apps">All apps</LinkButton>}
      />
    </>
  );
}
