import { useState } from 'react';
import { patchApp } from '../../api/apps';
import { useAction } from '../../api/resource';
import type { App, Mode } from '../../api/types';
import { useApps } from '../../app/apps';
import { useHistory } from '../../app/live';
import { useReasonAgainst } from '../../app/session';
import { Badge, Button, Callout, Card, count, FormDialog, useToast } from '../../ui';
import { visibleName } from '../../untrusted/visible';

const kModes: readonly { mode: Mode; title: string; words: string }[] = [
  {
    mode: 'development',
    title: 'Development',
    words: 'Auth checks can be switched off, so that an app can be tried before its backend mints tokens.',
  },
  {
    mode: 'production',
    title: 'Production',
    words: 'Every token is checked, without exception. Auth checks cannot be switched off.',
  },
];

export function ModeCard({ app }: { app: App }) {
  const reason = useReasonAgainst('owner');
  const [wanted, setWanted] = useState<Mode | null>(null);
  return (
    <Card title="Mode" description="Whether this app is being built or has users.">
      <ul className="modes">
        {kModes.map(({ mode, title, words }) => (
          <li key={mode} className={mode === app.mode ? 'mode mode-on' : 'mode'}>
            <h3>{title}</h3>
            <p className="soft">{words}</p>
            <div className="mode-foot">
              {mode === app.mode ? (
                <Badge tone="info">in force</Badge>
              ) : (
                <Button small reason={reason} onClick={() => setWanted(mode)}>
                  Switch to {mode}
                </Button>
              )}
            </div>
          </li>
        ))}
      </ul>
      {wanted && <SwitchMode app={app} to={wanted} onClose={() => setWanted(null)} />}
    </Card>
  );
}

function SwitchMode({ app, to, onClose }: { app: App; to: Mode; onClose: () => void }) {
  const { reload } = useApps();
  const toast = useToast();
  const developerTokens = useHistory(app.api_key)?.figures.developer_tokens ?? 0;
  const checksWereOff = app.settings.disable_auth_checks;
  const { run, pending, error } = useAction(async () => {
    await patchApp(app.api_key, { mode: to });
    reload();
    onClose();
    toast({
      title: `${visibleName(app.name)} is in ${to} mode`,
      undo: async () => {
        await patchApp(app.api_key, {
          mode: app.mode,
          ...(checksWereOff ? { disable_auth_checks: true } : {}),
        });
        reload();
      },
    });
  });
  return (
    <FormDialog
      title={`Switch to ${to} mode?`}
      submit={`Switch to ${to}`}
      pending={pending}
      error={error}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      {to === 'production' ? (
        <>
          <p>From now on every token is checked, and auth checks cannot be switched off.</p>
          {checksWereOff ? (
            <Callout tone="warning" title="Auth checks are off now, and this switches them on">
              Developer tokens are refused from that moment, and connections that were opened with
              one are ended. Since the server started {count(developerTokens, 'of them has', 'of them have')}{' '}
              been let in.
            </Callout>
          ) : (
            <p className="soft">Auth checks are on already: nobody who is let in now is shut out.</p>
          )}
        </>
      ) : (
        <>
          <p>Nothing changes for your users at once: auth checks stay on.</p>
          <Callout tone="warning">
            In development mode an operator can switch auth checks off with one press. Do not do this
            to an app that has users.
          </Callout>
        </>
      )}
    </FormDialog>
  );
}
