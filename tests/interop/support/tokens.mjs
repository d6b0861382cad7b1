// Tokens that no SDK makes: of another time, signed with something else, with claims of our choice.
import jwt from 'jsonwebtoken';

export const nowSeconds = () => Math.floor(Date.now() / 1000);
export const kHour = 3600;

/** `claims` and nothing else: jsonwebtoken by itself adds an `iat`, or takes away the one that is there. */
export function sign(claims, secret, options = {}) {
  return jwt.sign(claims, secret, { algorithm: 'HS256', noTimestamp: claims.iat === undefined, ...options });
}

/** A token over text that no library would write. */
export function signText(text, secret) {
  return jwt.sign(text, secret, { algorithm: 'HS256', header: { typ: 'JWT' } });
}

export const serverToken = (secret) => sign({ server: true }, secret);

/** A user's token, issued now unless told otherwise. */
export function userToken(server, userId, claims = {}) {
  return sign({ user_id: userId, iat: nowSeconds(), ...claims }, server.apiSecret);
}

/** Issued an hour ago, so that a revocation since then covers it. */
export function oldUserToken(server, userId, claims = {}) {
  return userToken(server, userId, { iat: nowSeconds() - kHour, ...claims });
}

/** Later than `oldUserToken`, earlier than `userToken`: revoking at this date spares new tokens. */
export const halfAnHourAgo = () => new Date(Date.now() - (kHour / 2) * 1000);

export function expiredUserToken(server, userId) {
  return userToken(server, userId, { iat: nowSeconds() - kHour, exp: nowSeconds() - 60 });
}

/** What a token says, unchecked. */
export function claimsOf(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
}
