import type { ReactNode } from 'react';
import { Logo } from './icons';

/** The frame of the pages before the sign-in. */
export function Door({ children, foot }: { children: ReactNode; foot?: ReactNode }) {
  return (
    <main className="door" id="main">
      <p className="door-brand">
        <Logo /> Latchkey
      </p>
      {children}
      {foot && <div className="door-foot">{foot}</div>}
    </main>
  );
}
