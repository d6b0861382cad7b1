import { useEffect, useRef, useState } from 'react';

const kTypingMs = 250;

/** A text that is being typed, handed on when the typing pauses. */
export function useTyped(given: string, onPause: (text: string) => void): [string, (text: string) => void] {
  const [typed, setTyped] = useState(given);
  const latest = useRef(onPause);
  latest.current = onPause;
  useEffect(() => setTyped(given), [given]);
  useEffect(() => {
    if (typed === given) return;
    const timer = setTimeout(() => latest.current(typed), kTypingMs);
    return () => clearTimeout(timer);
  }, [typed, given]);
  return [typed, setTyped];
}
