import { useCallback, useLayoutEffect, useRef, useState } from 'react';

/**
 * Takes the focus to the first field at fault once a try to send a form has come to nothing, so that its flaw is read.
 * `ref` goes on what is around the fields; `look` is called with each try, and waits while one is `pending`.
 */
export function useFlawFocus<T extends HTMLElement>(pending = false) {
  const ref = useRef<T>(null);
  const [tries, setTries] = useState(0);
  const looked = useRef(0);
  useLayoutEffect(() => {
    if (pending || looked.current === tries) return;
    looked.current = tries;
    ref.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [pending, tries]);
  const look = useCallback(() => setTries((before) => before + 1), []);
  return { ref, look };
}
