import { useState } from 'react';
import { api } from '../../api/client';
import { messageOf } from '../../api/error';
import { flawOfAccountName, flawOfPassword } from '../../api/passwords';
import { useAction, useResource } from '../../api/resource';
import type { Account, Role } from '../../api/types';
import { useConfirmation } from '../../app/confirmation';
import { useOnChange } from '../../app/live';
import { useMe, useSession } from '../../app/session';
import {
  Badge,
  Button,
  Card,
  ConfirmDialog,
  ErrorNote,
  FormDialog,
  Loading,
  PasswordField,
  Segmented,
  Select,
  TableFrame,
  TextField,
  TimeAgo,
  useToast,
} from '../../ui';
import '../acts-below.css';

type Asking = { what: 'edit' | 'password' | 'disable' | 'remove'; account: Account };

/** Who may sign in. Owners only, and the server keeps the last owner from locking everybody out. */
export function Accounts() {
  const me = useMe();
  const toast = useToast();
  const accounts = useResource('accounts', async (signal) => {
    return (await api.get<{ accounts: Account[] }>('accounts', { signal })).accounts;
  });
  useOnChange(null, accounts.reload);
  const [creating, setCreating] = useState(false);
  const [asking, setAsking] = useState<Asking | null>(null);

  const setDisabled = (account: Account, disabled: boolean): Promise<void> =>
    api.patch(`accounts/${account.id}`, { disabled }).then(() => accounts.reload());
  const enable = (account: Account) => {
    setDisabled(account, false).then(
      () =>
        toast({
          about: aboutStanding(account),
          title: `${account.name} may sign in again`,
          undo: () => setDisabled(account, true),
        }),
      (thrown: unknown) =>
        toast({ title: 'Nothing was changed', detail: messageOf(thrown), tone: 'danger' }),
    );
  };
  const close = () => {
    setAsking(null);
    setCreating(false);
    accounts.reload();
  };
  return (
    <Card
      title="Accounts"
      description="Viewers see everything but secrets. Operators also change apps, revoke, and mint tokens. Owners do everything."
      flush
      actions={
        <Button look="primary" icon="plus" onClick={() => setCreating(true)}>
          Add an account
        </Button>
      }
    >
      <ErrorNote error={accounts.error} retry={accounts.reload} />
      {accounts.data === undefined && accounts.error === undefined && <Loading />}
      {accounts.data && (
        <TableFrame label="Accounts">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col" className="not-narrow">
                Signs in with
              </th>
              <th scope="col" className="not-narrow">
                Last signed in
              </th>
              <th scope="col">
                <span className="visually-hidden">What to do with it</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {accounts.data.map((account) => (
              <tr key={account.id}>
                <th scope="row" className="wrap">
                  {account.name} {account.id === me?.id && <Badge tone="info">you</Badge>}{' '}
                  {account.disabled && <Badge tone="danger">disabled</Badge>}
                </th>
                <td>{account.role}</td>
                <td className="not-narrow">{account.sign_in === 'oidc' ? 'identity provider' : 'password'}</td>
                <td className="not-narrow">
                  <TimeAgo at={account.last_signed_in_at} none="never" />
                </td>
                <td className="cell-actions">
                  <span className="row">
                    <Button small onClick={() => setAsking({ what: 'edit', account })}>
                      Role…
                    </Button>
                    {account.sign_in === 'password' && account.id !== me?.id && (
                      <Button small onClick={() => setAsking({ what: 'password', account })}>
                        Password…
                      </Button>
                    )}
                    <Button
                      small
                      onClick={() => (account.disabled ? enable(account) : setAsking({ what: 'disable', account }))}
                    >
                      {account.disabled ? 'Enable' : 'Disable…'}
                    </Button>
                    <Button small icon="trash" onClick={() => setAsking({ what: 'remove', account })}>
                      Remove…
                    </Button>
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </TableFrame>
      )}
      {creating && <CreateAccount onClose={close} />}
      {asking?.what === 'edit' && <EditRole account={asking.account} onClose={close} />}
      {asking?.what === 'password' && <SetPassword account={asking.account} onClose={close} />}
      {asking?.what === 'disable' && (
        <Disable account={asking.account} setDisabled={setDisabled} onClose={close} />
      )}
      {asking?.what === 'remove' && <Remove account={asking.account} onClose={close} />}
    </Card>
  );
}

function RoleSelect({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  return (
    <Select
      label="Role"
      value={value}
      onChange={(event) => onChange(event.target.value as Role)}
    >
      <option value="viewer">viewer: sees everything but secrets</option>
      <option value="operator">operator: also changes apps, revokes, mints tokens</option>
      <option value="owner">owner: everything</option>
    </Select>
  );
}

function CreateAccount({ onClose }: { onClose: () => void }) {
  const toast = useToast();
  const oidc = useSession().session?.oidc ?? null;
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [by, setBy] = useState<'password' | 'oidc'>('password');
  const [password, setPassword] = useState('');
  const [subject, setSubject] = useState('');
  const you = useConfirmation();
  const [tried, setTried] = useState(false);
  const flaws = {
    name: flawOfAccountName(name),
    password: by === 'password' ? flawOfPassword(password, name) : undefined,
    subject: by === 'oidc' && subject.trim() === '' ? 'The subject is needed.' : undefined,
  };
  const { run, pending, error } = useAction(async () => {
    await api.post('accounts', {
      name,
      role,
      ...(by === 'password' ? { password } : { oidc_subject: subject.trim() }),
      your_password: you.password,
    });
    onClose();
    toast({ title: `${name} may sign in` });
  });
  return (
    <FormDialog
      title="Add an account"
      submit="Add"
      pending={pending}
      error={error}
      reason={you.reason}
      onSubmit={() => {
        setTried(true);
        if (!flaws.name && !flaws.password && !flaws.subject) void run();
      }}
      onClose={onClose}
    >
      <TextField
        label="Name"
        error={tried && flaws.name}
        value={name}
        onChange={(event) => setName(event.target.value)}
        autoCapitalize="none"
      />
      <RoleSelect value={role} onChange={setRole} />
      {oidc && (
        <Segmented
          label="Signs in with"
          value={by}
          onChange={setBy}
          options={[
            { value: 'password', label: 'A password' },
            { value: 'oidc', label: oidc.name },
          ]}
        />
      )}
      {by === 'password' ? (
        <PasswordField
          label="Its password"
          hint="At least 10 characters. Hand it over by a safe way; it can be changed after the sign-in."
          error={tried && flaws.password}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          autoComplete="new-password"
        />
      ) : (
        <TextField
          label={`Subject at ${oidc?.name ?? 'the provider'}`}
          hint="The claim sub of the person's ID tokens."
          error={tried && flaws.subject}
          value={subject}
          onChange={(event) => setSubject(event.target.value)}
        />
      )}
      {you.field}
    </FormDialog>
  );
}

function EditRole({ account, onClose }: { account: Account; onClose: () => void }) {
  const toast = useToast();
  const { refresh } = useSession();
  const [role, setRole] = useState(account.role);
  const you = useConfirmation();
  const { run, pending, error } = useAction(async () => {
    await api.patch(`accounts/${account.id}`, { role, your_password: you.password });
    onClose();
    await refresh();
    toast({ title: `${account.name} is ${role}` });
  });
  return (
    <FormDialog
      title={`Role of ${account.name}`}
      submit="Change it"
      pending={pending}
      error={error}
      reason={role === account.role ? 'This is the role it has.' : you.reason}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <RoleSelect value={role} onChange={setRole} />
      <p className="soft">The account's sessions end; it has to sign in again.</p>
      {you.field}
    </FormDialog>
  );
}

function SetPassword({ account, onClose }: { account: Account; onClose: () => void }) {
  const toast = useToast();
  const [password, setPassword] = useState('');
  const you = useConfirmation();
  const [tried, setTried] = useState(false);
  const flaw = flawOfPassword(password, account.name);
  const { run, pending, error } = useAction(async () => {
    await api.patch(`accounts/${account.id}`, { password, your_password: you.password });
    onClose();
    toast({ title: `${account.name} has a new password` });
  });
  return (
    <FormDialog
      title={`New password for ${account.name}`}
      submit="Set it"
      pending={pending}
      error={error}
      reason={you.reason}
      onSubmit={() => {
        setTried(true);
        if (!flaw) void run();
      }}
      onClose={onClose}
    >
      <PasswordField
        label="New password"
        hint="At least 10 characters. The account's sessions end."
        error={tried && flaw}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        autoComplete="new-password"
      />
      {you.field}
    </FormDialog>
  );
}

/** What a message about whether an account may sign in is about. */
const aboutStanding = (account: Account) => `standing ${account.name}`;

function Disable({
  account,
  setDisabled,
  onClose,
}: {
  account: Account;
  setDisabled: (account: Account, disabled: boolean) => Promise<void>;
  onClose: () => void;
}) {
  const toast = useToast();
  const { run, pending, error } = useAction(async () => {
    await setDisabled(account, true);
    onClose();
    toast({
      about: aboutStanding(account),
      title: `${account.name} is disabled`,
      detail: 'Its sessions have ended.',
      undo: () => setDisabled(account, false),
    });
  });
  return (
    <ConfirmDialog
      title={`Disable ${account.name}?`}
      submit="Disable"
      pending={pending}
      error={error}
      onConfirm={() => void run()}
      onClose={onClose}
    >
      <p>Its sessions end at once, and it cannot sign in until it is enabled again. Nothing of it is lost.</p>
    </ConfirmDialog>
  );
}

function Remove({ account, onClose }: { account: Account; onClose: () => void }) {
  const toast = useToast();
  const { run, pending, error } = useAction(async () => {
    await api.delete(`accounts/${account.id}`);
    onClose();
    toast({ title: `${account.name} is removed` });
  });
  return (
    <ConfirmDialog
      title={`Remove ${account.name}?`}
      submit="Remove"
      pending={pending}
      error={error}
      onConfirm={() => void run()}
      onClose={onClose}
    >
      <p>
        Its sessions end, and it cannot sign in any more. What it did stays in the audit log. To shut
        it out for a while, disable it instead.
      </p>
    </ConfirmDialog>
  );
}
