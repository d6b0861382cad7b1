const kKey = 'latchkey-first-steps-hidden';

function read(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(kKey) ?? '[]');
    return Array.isArray(stored) ? stored.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

/** Whether the first steps of an App were hidden in this browser. */
export function isDismissed(key: string): boolean {
  return read().includes(key);
}

export function setDismissed(key: string, dismissed: boolean): void {
  const others = read().filter((one) => one !== key);
  try {
    localStorage.setItem(kKey, JSON.stringify(dismissed ? [...others, key] : others));
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}
