import { api, appPath } from './client';
import type { App } from './types';

/** Changes settings of an App, its mode and its name among them. */
export async function patchApp(key: string, change: Record<string, unknown>): Promise<App> {
  return (await api.patch<{ app: App }>(appPath(key), change)).app;
}
