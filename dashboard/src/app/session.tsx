import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  type ReactNode,
} from 'react';
import { api, onSignedOut } from '../api/client';
import { messageOf } from '../api/error';
import type { Me, Role, Session } from '../api/types';

interface SessionContext {
  /** null until the server has said who is here. */
  session: Session | null;
  /** Why that could not be found out. */
  failure: string | null;
  /** Set where a session ended by itself: said on the page that asks to sign in again. */
  ended: boolean;
  /** Asks the server again. */
  refresh: () => Promise<void>;
  signOut: () => Promise<void>;
}

const Context = createContext<SessionContext | null>(null);

export function SessionProvider({ children }: { children: ReactNode }) {
  const [session, setSession] = useState<Session | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [ended, setEnded] = useState(false);

  const refresh = useCallback(async () => {
    try {
      const next = await api.get<Session>('session');
      setSession((previous) => {
        if (previous?.state === 'signed_in' && next.state === 'signed_out') setEnded(true);
        return next;
      });
      if (next.state === 'signed_in') setEnded(false);
      setFailure(null);
    } catch (thrown) {
      setFailure(messageOf(thrown));
    }
  }, []);

  const signOut = useCallback(async () => {
    await api.delete('session');
    setSession((previous) => previous && { ...previous, state: 'signed_out', account: null });
    setEnded(false);
  }, []);

  useEffect(() => void refresh(), [refresh]);
  useEffect(() => onSignedOut(() => void refresh()), [refresh]);

  const value = useMemo(
    () => ({ session, failure, ended, refresh, signOut }),
    [session, failure, ended, refresh, signOut],
  );
  return <Context value={value}>{children}</Context>;
}

export function useSession(): SessionContext {
  const value = useContext(Context);
  if (value === null) throw new Error('useSession wants a SessionProvider above');
  return value;
}

/** Who is signed in; null on the pages that need nobody. */
export function useMe(): Me | null {
  return useSession().session?.account ?? null;
}

const kRanks: Record<Role, number> = { viewer: 0, operator: 1, owner: 2 };

export function isAtLeast(role: Role | undefined, wanted: Role): boolean {
  return role !== undefined && kRanks[role] >= kRanks[wanted];
}

/**
 * Why the account may not do what wants this role, in words for a tooltip; undefined where it may. Only a courtesy:
 * it is the server that decides.
 */
export function useReasonAgainst(wanted: Role): string | undefined {
  const me = useMe();
  if (isAtLeast(me?.role, wanted)) return undefined;
  return wanted === 'owner'
    ? 'Only an owner may do this.'
    : 'Your role is viewer: an operator or an owner may do this.';
}
