const kSecretBytesMin = 32;
const kSecretBytesMax = 1024;
const kDifferentBytesMin = 10;

/**
 * Why no app of this server can have this secret, with what to do; null: it can. The rules are the
 * server's, but for its list of secrets that are public knowledge.
 */
export function findSecretFlaw(secret: string): string | null {
  const bytes = new TextEncoder().encode(secret);
  if (secret !== secret.trim()) {
    return 'There is white space before or behind it, which would count as part of the secret. Remove it.';
  }
  if (secret.split('.').length === 3 && secret.startsWith('eyJ')) {
    return 'This looks like a token. What is wanted here is the secret that tokens are signed with.';
  }
  if (bytes.length < kSecretBytesMin) {
    return `It has ${bytes.length} bytes; an API secret has at least ${kSecretBytesMin}. Is it the API key, or a part of the secret?`;
  }
  if (bytes.length > kSecretBytesMax) {
    return `It has ${bytes.length} bytes; an API secret has at most ${kSecretBytesMax}.`;
  }
  if (new Set(bytes).size < kDifferentBytesMin) {
    return `It is too plain: it has fewer than ${kDifferentBytesMin} different characters, and could be guessed.`;
  }
  return null;
}
