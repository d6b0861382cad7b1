import { createContext, useContext, type ReactNode } from 'react';
import { api } from '../api/client';
import { useResource, type Resource } from '../api/resource';
import type { App } from '../api/types';
import { useOnChange } from './live';
import { useAppKey } from './params';

const Context = createContext<Resource<App[]> | null>(null);

/** All Apps, fetched once for the navigation and every screen, and again when one of them changes. */
export function AppsProvider({ children }: { children: ReactNode }) {
  const apps = useResource('apps', async (signal) => {
    return (await api.get<{ apps: App[] }>('apps', { signal })).apps;
  });
  useOnChange(null, apps.reload);
  return <Context value={apps}>{children}</Context>;
}

export function useApps(): Resource<App[]> {
  const value = useContext(Context);
  if (value === null) throw new Error('useApps wants an AppsProvider above');
  return value;
}

/** The App in the address; undefined until it is known, or where there is none of that key. */
export function useApp(): App | undefined {
  const key = useAppKey();
  return useApps().data?.find((app) => app.api_key === key);
}
