import { useState, type FormEvent } from 'react';
import { api } from '../../api/client';
import { flawOfPassword } from '../../api/passwords';
import { useAction } from '../../api/resource';
import { useMe } from '../../app/session';
import { Badge, Button, Card, ErrorNote, Facts, PasswordField, useFlawFocus, useToast } from '../../ui';

const kRoleWords = {
  viewer: 'sees everything but secrets',
  operator: 'also changes apps, revokes, and mints tokens',
  owner: 'also creates and deletes apps, switches modes, and manages accounts',
} as const;

export function Password() {
  const me = useMe();
  if (!me) return null;
  return (
    <div className="columns">
      <Card title="You">
        <Facts
          items={[
            ['Name', me.name],
            [
              'Role',
              <>
                <Badge tone="info">{me.role}</Badge> {kRoleWords[me.role]}
              </>,
            ],
            ['Signs in', me.sign_in === 'oidc' ? 'through your identity provider' : 'with a password'],
          ]}
        />
      </Card>
      {me.sign_in === 'password' && <ChangePassword name={me.name} />}
    </div>
  );
}

function ChangePassword({ name }: { name: string }) {
  const toast = useToast();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [tried, setTried] = useState(false);
  const flaw = flawOfPassword(next, name);
  const { run, pending, error } = useAction(async () => {
    await api.post('session/password', { current, new: next });
    setCurrent('');
    setNext('');
    setTried(false);
    toast({ title: 'Your password is changed', detail: 'Your other sessions have ended.' });
  });
  const flaws = useFlawFocus<HTMLFormElement>(pending);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    flaws.look();
    if (!flaw && current !== '') void run();
  };
  return (
    <Card title="Change your password" description="Ends your sessions in other browsers.">
      <form ref={flaws.ref} className="stack" onSubmit={submit} noValidate>
        <input type="hidden" autoComplete="username" value={name} readOnly />
        <PasswordField
          label="Current password"
          error={tried && current === '' && 'The current password is needed.'}
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
          autoComplete="current-password"
        />
        <PasswordField
          label="New password"
          hint="At least 10 characters."
          error={tried && flaw}
          value={next}
          onChange={(event) => setNext(event.target.value)}
          autoComplete="new-password"
        />
        <ErrorNote error={error} />
        <div>
          <Button look="primary" type="submit" pending={pending}>
            Change it
          </Button>
        </div>
      </form>
    </Card>
  );
}
