import { useEffect, useRef } from 'react';
import { pageActivity } from './page-activity';

/**
 * Calls back every so often while the page is looked at and somebody sits there, and at once when it comes to be
 * looked at again.
 */
export function useInterval(callback: () => void, everyMs: number): void {
  const latest = useRef(callback);
  latest.current = callback;
  useEffect(() => {
    const tick = () => {
      if (document.visibilityState === 'visible' && !pageActivity.isIdle()) latest.current();
    };
    const timer = setInterval(tick, everyMs);
    const forget = pageActivity.onReturn(tick);
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      forget();
      document.removeEventListener('visibilitychange', tick);
    };
  }, [everyMs]);
}
