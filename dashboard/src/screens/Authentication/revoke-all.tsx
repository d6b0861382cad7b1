import { useState } from 'react';
import { api, appPath } from '../../api/client';
import { useAction, useResource } from '../../api/resource';
import type { App, Revocation, Revoked } from '../../api/types';
import { useApps } from '../../app/apps';
import { useOnChange } from '../../app/live';
import { useMoment } from '../../app/moment';
import { PreviewState, usePreview } from '../../app/preview';
import { useReasonAgainst } from '../../app/session';
import {
  Badge,
  Button,
  Card,
  ConfirmDialog,
  count,
  describeEnds,
  ErrorNote,
  formatDate,
  TimeAgo,
  useToast,
} from '../../ui';
import { Untrusted } from '../../untrusted';
import { visibleName } from '../../untrusted/visible';

/** Ends the tokens of all users issued before an instant, and takes that back. */
export function RevokeAllCard({ app }: { app: App }) {
  const reason = useReasonAgainst('operator');
  const [asking, setAsking] = useState(false);
  const before = app.settings.revoke_tokens_issued_before ?? null;
  const origin = useResource(`revocation ${app.api_key} ${before ?? ''}`, async (signal) => {
    const path = appPath(app.api_key, 'revocations');
    return (await api.get<{ app: Revocation | null }>(path, { query: { limit: 1 }, signal })).app;
  });
  useOnChange(app.api_key, origin.reload);
  const undo = useUndo(app);
  return (
    <Card
      title="Revoke all tokens"
      description="Ends every user's tokens issued before a moment, with the connections they opened. Your backend's own tokens go on."
      actions={
        before === null ? (
          <Button look="danger" reason={reason} onClick={() => setAsking(true)}>
            Revoke all tokens…
          </Button>
        ) : (
          <>
            <Button icon="undo" reason={reason} pending={undo.pending} onClick={() => void undo.run()}>
              Undo
            </Button>
            <Button look="danger" reason={reason} onClick={() => setAsking(true)}>
              Revoke again…
            </Button>
          </>
        )
      }
    >
      {before === null ? (
        <p>
          <Badge>none in force</Badge>
        </p>
      ) : (
        <p className="row">
          <Badge tone="danger">in force</Badge>
          <span>
            Tokens issued before <strong>{formatDate(before)}</strong> are refused.
          </span>
          {origin.data && (
            <span className="soft">
              Set <TimeAgo at={origin.data.set_at} /> by <Untrusted text={origin.data.set_by} />.
            </span>
          )}
        </p>
      )}
      <ErrorNote error={undo.error} />
      {asking && <RevokeAll app={app} onClose={() => setAsking(false)} />}
    </Card>
  );
}

/** Takes a revocation of everybody back. */
function useUndo(app: App) {
  const { reload } = useApps();
  const toast = useToast();
  return useAction(async () => {
    await api.post(appPath(app.api_key, 'unrevoke'));
    reload();
    toast({
      about: aboutAll(app),
      title: 'The revocation is undone',
      detail: 'Tokens that it ended are good again.',
    });
  });
}

/** What a message about the revocation of everybody is about. */
const aboutAll = (app: App) => `revocation ${app.api_key}`;

function RevokeAll({ app, onClose }: { app: App; onClose: () => void }) {
  const { reload } = useApps();
  const toast = useToast();
  const { date, flaw, field } = useMoment({
    label: 'Which tokens',
    now: 'All issued until now',
    at: 'All issued before…',
    dateLabel: 'Issued before',
    hint: 'Tokens issued at that instant or later stay good.',
    side: 'past',
    first: 0,
  });
  const path = appPath(app.api_key, 'revoke');
  const preview = usePreview(flaw === undefined ? `before ${date ?? ''}` : null, (signal) =>
    api.post<Revoked<boolean>>(path, { dry_run: true, ...(date ? { before: date } : {}) }, signal),
  );
  const previous = app.settings.revoke_tokens_issued_before ?? null;
  const { run, pending, error } = useAction(async () => {
    const { ends } = await api.post<Revoked<boolean>>(path, date ? { before: date } : {});
    reload();
    onClose();
    toast({
      about: aboutAll(app),
      title: 'All tokens are revoked',
      detail: `Ended: ${describeEnds(ends)}.`,
      undo: async () => {
        // The revocation that this one replaced counts again.
        await api.post(appPath(app.api_key, 'unrevoke'), previous === null ? {} : { before: previous });
        reload();
      },
    });
  });
  return (
    <ConfirmDialog
      title={`Revoke all tokens of ${visibleName(app.name)}`}
      submit="Revoke all tokens"
      name={app.name}
      pending={pending || preview.counting}
      error={error}
      onConfirm={() => void (flaw ?? run())}
      onClose={onClose}
    >
      {field}
      <div className="ends" aria-live="polite">
        <PreviewState preview={preview} />
        {preview.data && (
          <>
            <p>
              This ends <strong>{count(preview.data.ends.connections, 'open connection')}</strong> of{' '}
              <strong>{count(preview.data.ends.users, 'user')}</strong>, now.
            </p>
            <p className="soft">
              Whoever else holds such a token is refused when next using it, with code 40. Apps with a
              token provider fetch a new one and come back by themselves.
            </p>
          </>
        )}
      </div>
    </ConfirmDialog>
  );
}
