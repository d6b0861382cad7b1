import { useState, type ReactNode } from 'react';
import { PasswordField } from '../ui';
import { useMe } from './session';

interface Confirmation {
  /** What has been typed; undefined for who has no password. */
  password: string | undefined;
  /** Why the act has to wait. */
  reason: string | undefined;
  /** For the form. */
  field: ReactNode;
  /** Forgets what was typed. */
  clear: () => void;
}

/** Asks for the caller's own password, for acts that an open session alone is not enough for. */
export function useConfirmation(): Confirmation {
  const byPassword = useMe()?.sign_in !== 'oidc';
  const [password, setPassword] = useState('');
  return {
    password: byPassword ? password : undefined,
    reason: byPassword && password === '' ? 'Your password is needed.' : undefined,
    field: byPassword ? (
      <PasswordField
        label="Your password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        autoComplete="current-password"
      />
    ) : (
      <p className="soft">You must have signed in within the last five minutes.</p>
    ),
    clear: () => setPassword(''),
  };
}
