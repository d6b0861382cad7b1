import { useState, type FormEvent } from 'react';
import { api } from '../../api/client';
import { flawOfAccountName, flawOfPassword } from '../../api/passwords';
import { useAction } from '../../api/resource';
import { navigate, useLocation } from '../../app/router';
import { useSession } from '../../app/session';
import { ThemeSwitch } from '../../app/theme-switch';
import { Button, Door, ErrorNote, PageHeader, PasswordField, TextField, useFlawFocus } from '../../ui';

/** The first account of a new server: whoever has the code that the server printed makes it. */
export default function SetUp() {
  const { query } = useLocation();
  const { session, refresh } = useSession();
  const fromLink = query.get('code') ?? '';
  const [code, setCode] = useState(fromLink);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [tried, setTried] = useState(false);
  const flaws = {
    code: code.trim() === '' ? 'The code is needed.' : undefined,
    name: flawOfAccountName(name),
    password: flawOfPassword(password, name),
  };
  const { run, pending, error } = useAction(async () => {
    await api.post('setup', { code: code.trim(), name, password });
    // The code is spent; it need not stay in the address.
    navigate('/apps', { replace: true });
    await refresh();
  });
  const focus = useFlawFocus<HTMLFormElement>(pending);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    focus.look();
    if (!flaws.code && !flaws.name && !flaws.password) void run();
  };
  return (
    <Door
      foot={
        <>
          <span>Version {session?.version}</span>
          <ThemeSwitch />
        </>
      }
    >
      <PageHeader
        title="Set up this server"
        subtitle="Make the first account. It is an owner: it may do everything, and make accounts for others."
      />
      <form ref={focus.ref} className="stack" onSubmit={submit} noValidate>
        <TextField
          label="Set-up code"
          hint={
            fromLink === ''
              ? 'The server printed it in its terminal when it started.'
              : 'Taken from the link that the server printed.'
          }
          error={tried && flaws.code}
          value={code}
          onChange={(event) => setCode(event.target.value)}
          mono
        />
        <TextField
          label="Your name"
          hint="To sign in with, for instance your e-mail address."
          error={tried && flaws.name}
          value={name}
          onChange={(event) => setName(event.target.value)}
          autoComplete="username"
          autoCapitalize="none"
        />
        <PasswordField
          label="Password"
          hint="At least 10 characters. A sentence is easier to remember than signs."
          error={tried && flaws.password}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          autoComplete="new-password"
        />
        <ErrorNote error={error} />
        <Button look="primary" type="submit" pending={pending}>
          Make the account
        </Button>
      </form>
    </Door>
  );
}
