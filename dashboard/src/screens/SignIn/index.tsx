import { useState, type FormEvent } from 'react';
import { api } from '../../api/client';
import { useAction } from '../../api/resource';
import { Link } from '../../app/router';
import { routes } from '../../app/routes';
import { useSession } from '../../app/session';
import { ThemeSwitch } from '../../app/theme-switch';
import { Button, Callout, Door, ErrorNote, PageHeader, PasswordField, TextField, useFlawFocus } from '../../ui';

export default function SignIn() {
  const { session, ended, refresh } = useSession();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const { run, pending, error } = useAction(async () => {
    await api.post('session', { name: name.trim(), password });
    await refresh();
  });
  // Not off until both are typed: what a browser fills in is told to the page late, or never.
  const [tried, setTried] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    flaws.look();
    if (name.trim() !== '' && password !== '') void run();
  };
  const flaws = useFlawFocus<HTMLFormElement>(pending);
  const tools = routes.filter((route) => route.open && route.label);
  return (
    <Door
      foot={
        <>
          <span>Version {session?.version}</span>
          <ThemeSwitch />
        </>
      }
    >
      <PageHeader title="Sign in" />
      {ended && (
        <Callout>
          <p>
            Your session has ended. Sign in again to go on where you were; what you were doing just then was not done.
          </p>
        </Callout>
      )}
      <form ref={flaws.ref} className="stack" onSubmit={submit} noValidate>
        <TextField
          label="Name"
          error={tried && name.trim() === '' && 'The name is needed.'}
          value={name}
          onChange={(event) => setName(event.target.value)}
          autoComplete="username"
          autoCapitalize="none"
          required
        />
        <PasswordField
          label="Password"
          error={tried && password === '' && 'The password is needed.'}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          autoComplete="current-password"
          required
        />
        <ErrorNote error={error} />
        <Button look="primary" type="submit" pending={pending}>
          Sign in
        </Button>
      </form>
      {session?.oidc && (
        <>
          <p className="door-or">or</p>
          <a className="button button-secondary" href="/admin/v1/session/oidc">
            Sign in with {session.oidc.name}
          </a>
        </>
      )}
      {tools.length > 0 && (
        <p className="small soft">
          Without an account:{' '}
          {tools.map((route) => (
            <Link key={route.pattern} to={route.pattern}>
              {route.label}
            </Link>
          ))}
        </p>
      )}
    </Door>
  );
}
