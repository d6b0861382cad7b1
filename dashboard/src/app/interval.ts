import { useEffect, useRef } from 'react';

/** Calls back every so often while the page is looked at; null: not at all. */
export function useInterval(callback: () => void, everyMs: number | null): void {
  const latest = useRef(callback);
  latest.current = callback;
  useEffect(() => {
    if (everyMs === null) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') latest.current();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}
