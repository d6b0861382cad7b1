import { api, appPath } from '../../api/client';
import type { App, Connection, Secret } from '../../api/types';
import { PreviewState, usePreview } from '../../app/preview';
import { count } from '../../ui';

/** The most that the API lists; the newest of them. */
const kListedMax = 1_000;

/** Open connections that are let be only because nothing is checked. */
export interface Unchecked {
  connections: number;
  users: number;
  /** More are open than were looked at: it may be more. */
  isPart: boolean;
}

/** Whose token nobody signed, whose has expired, or whose was signed with a secret that is retired. */
export async function countUnchecked(key: string, signal?: AbortSignal): Promise<Unchecked> {
  const how = signal ? { signal } : {};
  const [{ connections, total }, { secrets }] = await Promise.all([
    api.get<{ connections: Connection[]; total: number }>(appPath(key, 'connections'), {
      query: { limit: kListedMax },
      ...how,
    }),
    api.get<{ secrets: Secret[] }>(appPath(key, 'secrets'), how),
  ]);
  const retired = new Set(secrets.filter(({ state }) => state === 'retired').map(({ id }) => id));
  const ended = connections.filter(
    ({ developer_token, expires_at, secret_id }) =>
      developer_token ||
      (expires_at !== null && Date.parse(expires_at) <= Date.now()) ||
      (secret_id !== null && retired.has(secret_id)),
  );
  return {
    connections: ended.length,
    users: new Set(ended.map(({ user_id }) => user_id)).size,
    isPart: total > connections.length,
  };
}

/** `2 open connections of 1 user`. */
export function describeUnchecked({ connections, users, isPart }: Unchecked): string {
  return `${isPart ? 'at least ' : ''}${count(connections, 'open connection')} of ${count(users, 'user')}`;
}

/** What checking tokens again would end; nothing is counted of an App that checks them already. */
export function useUncheckedPreview(app: App) {
  return usePreview(app.settings.disable_auth_checks ? 'unchecked' : null, (signal) =>
    countUnchecked(app.api_key, signal),
  );
}

export function UncheckedEnds({ preview }: { preview: ReturnType<typeof useUncheckedPreview> }) {
  return (
    <div className="ends" aria-live="polite">
      <PreviewState preview={preview} />
      {preview.data && (
        <p>
          {preview.data.connections === 0 && !preview.data.isPart ? (
            'This ends no open connection.'
          ) : (
            <>
              This ends <strong>{describeUnchecked(preview.data)}</strong>, now.
            </>
          )}
        </p>
      )}
      <p className="soft">
        Developer tokens, tokens that have expired and those of a retired secret are refused from then on.
      </p>
    </div>
  );
}
