import { useState } from 'react';
import { api, appPath } from '../../api/client';
import { useAction, useResource } from '../../api/resource';
import type { App, Ends, Secret } from '../../api/types';
import {
  ConfirmDialog,
  count,
  describeEnds,
  ErrorNote,
  formatDate,
  Loading,
  Segmented,
  TextField,
  useToast,
} from '../../ui';
import { parseLocalDate, toLocalInput } from './dates';

const kDayMs = 86_400_000;

/** Ends a secret and all that rests on it, now or at a date. */
export function RetireSecret({
  app,
  secret,
  onClose,
  onRetired,
}: {
  app: App;
  secret: Secret;
  onClose: () => void;
  onRetired: () => void;
}) {
  const toast = useToast();
  const [when, setWhen] = useState<'now' | 'at'>('now');
  const [at, setAt] = useState(() => toLocalInput(new Date(Date.now() + kDayMs)));
  const date = when === 'now' ? undefined : parseLocalDate(at);
  const flaw =
    date === null
      ? 'This is no date.'
      : date !== undefined && Date.parse(date) <= Date.now()
        ? 'A date to come.'
        : undefined;
  const path = (verb: string) => appPath(app.api_key, 'secrets', String(secret.id), verb);
  const preview = useResource('ends', () =>
    api.post<{ ends: Ends }>(path('retire'), { dry_run: true }),
  );
  const { run, pending, error } = useAction(async () => {
    const { ends } = await api.post<{ ends: Ends }>(path('retire'), date ? { at: date } : {});
    onRetired();
    onClose();
    toast(
      date
        ? {
            title: `Secret ${secret.id} retires ${formatDate(date)}`,
            undo: async () => {
              await api.post(path('unretire'));
              onRetired();
            },
          }
        : { title: `Secret ${secret.id} is retired`, detail: `Ended: ${describeEnds(ends)}.` },
    );
  });
  const ends = preview.data?.ends;
  return (
    <ConfirmDialog
      title={`Retire secret ${secret.id}`}
      submit={when === 'now' ? 'Retire it now' : 'Retire it then'}
      {...(when === 'now' ? { name: app.name } : {})}
      pending={pending}
      error={error}
      onConfirm={() => void (flaw ?? run())}
      onClose={onClose}
    >
      <Segmented
        label="When"
        value={when}
        onChange={setWhen}
        options={[
          { value: 'now', label: 'Now' },
          { value: 'at', label: 'At a date' },
        ]}
      />
      {when === 'at' && (
        <TextField
          label="Retires at"
          type="datetime-local"
          step={1}
          error={flaw}
          hint="Until it comes you can take it back."
          value={at}
          onChange={(event) => setAt(event.target.value)}
        />
      )}
      <div className="ends" aria-live="polite">
        <ErrorNote error={preview.error} />
        {ends ? (
          <>
            <p>
              {ends.connections === 0 ? (
                'No open connection rests on it.'
              ) : (
                <>
                  {when === 'now' ? 'This ends ' : 'Done now, this would end '}
                  <strong>{count(ends.connections, 'open connection')}</strong> of{' '}
                  <strong>{count(ends.users, 'user')}</strong>.
                </>
              )}
            </p>
            <p className="soft">
              Every token signed with it is refused from then on, with code 43; users' and your
              backend's alike. SDKs do not come back from that by themselves.
              {when === 'now' && ' This cannot be undone.'}
            </p>
          </>
        ) : (
          preview.error === undefined && <Loading label="Counting what this ends" />
        )}
      </div>
    </ConfirmDialog>
  );
}
