import { useEffect } from 'react';

const kPollMs = 3_000;

/** Asks again every few seconds, while somebody can see the page. */
export function usePolling(reload: () => void): void {
  useEffect(() => {
    const ask = () => {
      if (document.visibilityState === 'visible') reload();
    };
    const timer = setInterval(ask, kPollMs);
    document.addEventListener('visibilitychange', ask);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', ask);
    };
  }, [reload]);
}
