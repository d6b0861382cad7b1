import { useState } from 'react';
import { patchApp } from '../../api/apps';
import { useAction } from '../../api/resource';
import type { App } from '../../api/types';
import { useApps } from '../../app/apps';
import { useHistory } from '../../app/live';
import { useReasonAgainst } from '../../app/session';
import { Callout, Card, ConfirmDialog, count, Switch, useToast } from '../../ui';
import { Untrusted } from '../../untrusted';
import { countUnchecked, describeUnchecked, UncheckedEnds, useUncheckedPreview } from './unchecked';

export function AuthChecksCard({ app }: { app: App }) {
  const { reload } = useApps();
  const toast = useToast();
  const roleReason = useReasonAgainst('operator');
  const developerTokens = useHistory(app.api_key)?.figures.developer_tokens ?? 0;
  const [asking, setAsking] = useState<'off' | 'on' | null>(null);
  const off = app.settings.disable_auth_checks;
  const reason =
    roleReason ??
    (app.mode === 'production' ? 'Only in development mode: switch the mode first.' : undefined);
  const { run, pending, error, reset } = useAction(async (disable: boolean) => {
    const ended = disable ? null : await countUnchecked(app.api_key);
    await patchApp(app.api_key, { disable_auth_checks: disable });
    reload();
    setAsking(null);
    toast({
      about: `auth checks ${app.api_key}`,
      title: disable ? 'Auth checks are off' : 'Auth checks are on',
      detail: ended === null ? 'Developer tokens are taken.' : `Ended: ${describeUnchecked(ended)}.`,
      undo: async () => {
        await patchApp(app.api_key, { disable_auth_checks: !disable });
        reload();
      },
    });
  });
  const close = () => {
    setAsking(null);
    reset();
  };
  return (
    <Card title="Auth checks">
      <div className="stack">
        <Switch
          label="Disable Auth Checks"
          hint="Takes developer tokens, which anybody can write and nobody signs: the way to try an app before there is a backend."
          checked={off}
          reason={reason}
          onChange={(disable) => setAsking(disable ? 'off' : 'on')}
        />
        {off && (
          <Callout tone="warning" title="Anybody who knows the API key can act as any user">
            {count(developerTokens, 'developer token')} let in since the server started. Switch this
            off before real users come; production mode does it for you.
          </Callout>
        )}
      </div>
      {asking === 'off' && (
        <ConfirmDialog
          title="Switch auth checks off?"
          submit="Switch auth checks off"
          pending={pending}
          error={error}
          onConfirm={() => void run(true)}
          onClose={close}
        >
          <p>
            Whoever knows the API key <code className="wrap">{app.api_key}</code>, and it stands in
            every copy of your app, can then act as any user of <strong><Untrusted text={app.name} /></strong>: read,
            write, and connect. No secret is needed.
          </p>
          <p className="soft">
            Made for the first days of building. Tokens that carry a signature are still checked.
          </p>
        </ConfirmDialog>
      )}
      {asking === 'on' && (
        <SwitchOn app={app} pending={pending} error={error} onConfirm={() => void run(false)} onClose={close} />
      )}
    </Card>
  );
}

function SwitchOn({
  app,
  pending,
  error,
  onConfirm,
  onClose,
}: {
  app: App;
  pending: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const preview = useUncheckedPreview(app);
  return (
    <ConfirmDialog
      title="Switch auth checks on?"
      submit="Switch auth checks on"
      pending={pending || preview.counting}
      error={error}
      onConfirm={onConfirm}
      onClose={onClose}
    >
      <p>
        Every token of <strong><Untrusted text={app.name} /></strong> is checked from now on. Who has one that your backend
        signed goes on.
      </p>
      <UncheckedEnds preview={preview} />
    </ConfirmDialog>
  );
}
