import { useState } from 'react';
import { patchApp } from '../../api/apps';
import { useAction } from '../../api/resource';
import type { App, Mode } from '../../api/types';
import { useApps } from '../../app/apps';
import { useReasonAgainst } from '../../app/session';
import { Badge, Button, Callout, Card, FormDialog, useToast } from '../../ui';
import { visibleName } from '../../untrusted/visible';
import { countUnchecked, describeUnchecked, UncheckedEnds, useUncheckedPreview } from './unchecked';

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
  const preview = useUncheckedPreview(app);
  const checksWereOff = app.settings.disable_auth_checks;
  const { run, pending, error } = useAction(async () => {
    const ended = checksWereOff ? await countUnchecked(app.api_key) : null;
    await patchApp(app.api_key, { mode: to });
    reload();
    onClose();
    toast({
      about: `mode ${app.api_key}`,
      title: `${visibleName(app.name)} is in ${to} mode`,
      ...(ended === null ? {} : { detail: `Ended: ${describeUnchecked(ended)}.` }),
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
      pending={pending || preview.counting}
      error={error}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      {to === 'production' ? (
        <>
          <p>From now on every token is checked, and auth checks cannot be switched off.</p>
          {checksWereOff ? (
            <>
              <p>Auth checks are off now, and this switches them on.</p>
              <UncheckedEnds preview={preview} />
            </>
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
