import { encodeBase64Url } from './base64url';
import type { Claims } from './claims';

/** Spelled as every SDK spells it. */
export const kHeader = '{"alg":"HS256","typ":"JWT"}';

/** The server refuses a longer token unread (docs/reference/limits.md). */
export const kTokenBytesMax = 8192;

/** What of WebCrypto is used; browsers give it to pages from https or this very machine only. */
export type Signer = Pick<SubtleCrypto, 'importKey' | 'sign'>;

/** Empty where the browser keeps WebCrypto from this page. */
export function findSigner(): Signer | undefined {
  return globalThis.crypto?.subtle;
}

/**
 * A token of these claims, signed with HS256. The key is the UTF-8 bytes of the secret as it is
 * shown, decoded from nothing. Neither secret nor key leaves this call: the key cannot be exported.
 */
export async function signToken(claims: Claims, secret: string, signer: Signer): Promise<string> {
  const text = new TextEncoder();
  const signed = [kHeader, JSON.stringify(claims)]
    .map((part) => encodeBase64Url(text.encode(part)))
    .join('.');
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await signer.importKey('raw', text.encode(secret), algorithm, false, ['sign']);
  const signature = await signer.sign('HMAC', key, text.encode(signed));
  return `${signed}.${encodeBase64Url(new Uint8Array(signature))}`;
}
