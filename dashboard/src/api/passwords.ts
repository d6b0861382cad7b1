/** What the server asks of a password; said here before it is sent. */
export const kPasswordBytesMin = 10;
export const kPasswordBytesMax = 1024;

/** What is wrong with a new password, or undefined. */
export function flawOfPassword(password: string, name: string): string | undefined {
  const bytes = new TextEncoder().encode(password).length;
  if (bytes < kPasswordBytesMin) return `At least ${kPasswordBytesMin} characters.`;
  if (bytes > kPasswordBytesMax) return `At most ${kPasswordBytesMax} bytes.`;
  if (name !== '' && password.toLowerCase() === name.toLowerCase()) {
    return 'Not the name of the account.';
  }
  return undefined;
}

/** What is wrong with the name of an account, or undefined. */
export function flawOfAccountName(name: string): string | undefined {
  if (/^[A-Za-z0-9@._+-]{1,64}$/.test(name)) return undefined;
  return name === '' ? 'A name is needed.' : '1 to 64 of the characters A-Z a-z 0-9 @ . _ + -';
}
