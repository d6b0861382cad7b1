import { api, appPath } from '../../api/client';
import { useAction } from '../../api/resource';
import type { App, Ends, Secret } from '../../api/types';
import { useMoment } from '../../app/moment';
import { PreviewState, usePreview } from '../../app/preview';
import {
  ConfirmDialog,
  count,
  describeEnds,
  formatDate,
  useToast,
} from '../../ui';
import { kDay } from '../../tokens/claims';

/** What a message about a secret is about. */
export const aboutSecret = (app: App, secret: Secret) => `secret ${app.api_key} ${secret.id}`;

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
  const { isNow, date, flaw, field } = useMoment({
    label: 'When',
    now: 'Now',
    at: 'At a date',
    dateLabel: 'Retires at',
    hint: 'Until it comes you can take it back.',
    side: 'future',
    first: kDay,
  });
  const path = (verb: string) => appPath(app.api_key, 'secrets', String(secret.id), verb);
  const preview = usePreview('ends', (signal) =>
    api.post<{ ends: Ends }>(path('retire'), { dry_run: true }, signal),
  );
  const { run, pending, error } = useAction(async () => {
    const { ends } = await api.post<{ ends: Ends }>(path('retire'), date ? { at: date } : {});
    onRetired();
    onClose();
    toast(
      date
        ? {
            about: aboutSecret(app, secret),
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
      submit={isNow ? 'Retire it now' : 'Retire it then'}
      {...(isNow ? { name: app.name } : {})}
      pending={pending || preview.counting}
      error={error}
      onConfirm={() => void (flaw ?? run())}
      onClose={onClose}
    >
      {field}
      <div className="ends" aria-live="polite">
        <PreviewState preview={preview} />
        {ends && (
          <>
            <p>
              {ends.connections === 0 ? (
                'No open connection rests on it.'
              ) : (
                <>
                  {isNow ? 'This ends ' : 'Done now, this would end '}
                  <strong>{count(ends.connections, 'open connection')}</strong> of{' '}
                  <strong>{count(ends.users, 'user')}</strong>.
                </>
              )}
            </p>
            <p className="soft">
              Every token signed with it is refused from then on, with code 43; users' and your
              backend's alike. SDKs do not come back from that by themselves.
              {isNow && ' This cannot be undone.'}
            </p>
          </>
        )}
      </div>
    </ConfirmDialog>
  );
}
