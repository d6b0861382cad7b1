import { useState } from 'react';
import { patchApp } from '../../api/apps';
import { useAction } from '../../api/resource';
import type { App } from '../../api/types';
import { useApps } from '../../app/apps';
import { useHistory } from '../../app/live';
import { useReasonAgainst } from '../../app/session';
import { Callout, Card, ConfirmDialog, count, ErrorNote, Switch, useToast } from '../../ui';
import { Untrusted } from '../../untrusted';

export function AuthChecksCard({ app }: { app: App }) {
  const { reload } = useApps();
  const toast = useToast();
  const roleReason = useReasonAgainst('operator');
  const developerTokens = useHistory(app.api_key)?.figures.developer_tokens ?? 0;
  const [asking, setAsking] = useState(false);
  const off = app.settings.disable_auth_checks;
  const reason =
    roleReason ??
    (app.mode === 'production' ? 'Only in development mode: switch the mode first.' : undefined);
  const { run, pending, error } = useAction(async (disable: boolean) => {
    await patchApp(app.api_key, { disable_auth_checks: disable });
    reload();
    setAsking(false);
    toast({
      title: disable ? 'Auth checks are off' : 'Auth checks are on',
      ...(disable ? { detail: 'Developer tokens are taken.' } : {}),
      undo: async () => {
        await patchApp(app.api_key, { disable_auth_checks: !disable });
        reload();
      },
    });
  });
  return (
    <Card title="Auth checks">
      <div className="stack">
        <Switch
          label="Disable Auth Checks"
          hint="Takes developer tokens, which anybody can write and nobody signs: the way to try an app before there is a backend."
          checked={off}
          reason={reason}
          pending={pending && !asking}
          onChange={(disable) => (disable ? setAsking(true) : void run(false))}
        />
        {off && (
          <Callout tone="warning" title="Anybody who knows the API key can act as any user">
            {count(developerTokens, 'developer token')} let in since the server started. Switch this
            off before real users come; production mode does it for you.
          </Callout>
        )}
        {!asking && <ErrorNote error={error} />}
      </div>
      {asking && (
        <ConfirmDialog
          title="Switch auth checks off?"
          submit="Switch auth checks off"
          pending={pending}
          error={error}
          onConfirm={() => void run(true)}
          onClose={() => setAsking(false)}
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
    </Card>
  );
}
