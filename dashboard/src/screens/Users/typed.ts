import { useEffect, useRef, useState } from 'react';

const kTypingMs = 250;

/** A text that is being typed, handed on when the typing pauses, without the space around it that pasting brings along. */
export function useTyped(given: string, onPause: (text: string) => void): [string, (text: string) => void] {
  const [typed, setTyped] = useState(given);
  const latest = useRef(onPause);
  latest.current = onPause;
  // What was just handed on comes back as given; a space may still be followed by a word.
  useEffect(() => setTyped((text) => (text.trim() === given ? text : given)), [given]);
  useEffect(() => {
    if (typed.trim() === given.trim()) return;
    const timer = setTimeout(() => latest.current(typed.trim()), kTypingMs);
    return () => clearTimeout(timer);
  }, [typed, given]);
  return [typed, setTyped];
}
