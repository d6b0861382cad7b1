import { useSyncExternalStore } from 'react';

/** What the operator chose; `system` follows the browser. public/theme.js reads it before the first paint. */
export type ThemeChoice = 'system' | 'light' | 'dark';

const kKey = 'latchkey-theme';
const listeners = new Set<() => void>();
const systemDark = matchMedia('(prefers-color-scheme: dark)');

function read(): ThemeChoice {
  try {
    const stored = localStorage.getItem(kKey);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  } catch {
    return 'system';
  }
}

let choice = read();

function apply(): void {
  const dark = choice === 'system' ? systemDark.matches : choice === 'dark';
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}

systemDark.addEventListener('change', apply);

export function chooseTheme(next: ThemeChoice): void {
  choice = next;
  try {
    if (next === 'system') localStorage.removeItem(kKey);
    else localStorage.setItem(kKey, next);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  apply();
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTheme(): ThemeChoice {
  return useSyncExternalStore(subscribe, () => choice);
}
