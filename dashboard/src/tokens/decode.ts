import { decodeBase64Url } from './base64url';
import type { Claims } from './claims';
import { kTokenBytesMax } from './sign';

/** The parts of a token by their names. */
export type PartName = 'header' | 'payload' | 'signature';

/** What a token claims to be; only the server knows whether it is one. */
export type TokenKind = 'user' | 'server' | 'developer' | 'anonymous' | 'unknown';

export interface DecodedToken {
  /** What was decoded: the pasted text without what people copy along with a token. */
  token: string;
  /** The text between the dots, in order, however many there are. */
  parts: string[];
  kind: TokenKind;
  /** Null where it cannot be read. */
  header: Claims | null;
  claims: Claims | null;
  /** `exp`, `nbf` and `iat` in seconds since 1970, of those that are dates. */
  dates: { exp?: number; nbf?: number; iat?: number };
  /** Why no server will take this for a token, in words. */
  problems: string[];
  /** What was taken off the pasted text. */
  notes: string[];
  /**
   * Whether this has the looks of a token. What has not, may be a secret that was pasted by
   * mistake, and is not sent anywhere.
   */
  looksLikeToken: boolean;
}

const kMillisecondsFrom = 100_000_000_000;
const kSecondMax = 253_402_300_799;
const kDeveloperPart = 'devtoken';

/** Reads any text as far as it can be read as a token. Verifies nothing. */
export function decodeToken(pasted: string): DecodedToken {
  const decoded: DecodedToken = {
    token: '',
    parts: [],
    kind: 'unknown',
    header: null,
    claims: null,
    dates: {},
    problems: [],
    notes: [],
    looksLikeToken: false,
  };
  decoded.token = takeOutToken(pasted, decoded.notes);
  if (decoded.token === '') {
    return decoded;
  }
  decoded.parts = decoded.token.split('.');
  decoded.looksLikeToken = decoded.parts.length > 1;
  const size = new TextEncoder().encode(decoded.token).length;
  if (size > kTokenBytesMax) {
    decoded.problems.push(
      `It has ${size} bytes. At most ${kTokenBytesMax} are read.`,
    );
  }
  if (decoded.parts.length !== 3) {
    decoded.problems.push(describePartCount(decoded.parts));
  }
  const [header, payload, signature] = decoded.parts;
  const isDeveloper = signature === kDeveloperPart;
  if (decoded.looksLikeToken) {
    decoded.header = readPart('header', header ?? '', isDeveloper, decoded.problems);
    decoded.claims = readPart('payload', payload ?? '', isDeveloper, decoded.problems);
  }
  if (decoded.parts.length === 3) {
    checkSignaturePart(signature ?? '', isDeveloper, decoded.problems);
  }
  if (decoded.header !== null && !isDeveloper) {
    checkHeader(decoded.header, decoded.problems);
  }
  if (decoded.claims !== null) {
    decoded.dates = readDates(decoded.claims, decoded.problems);
    decoded.kind = isDeveloper ? 'developer' : kindOf(decoded.claims, decoded.problems);
  }
  return decoded;
}

/** Without white space, line breaks, quotes, and the scheme of a header field. */
function takeOutToken(pasted: string, notes: string[]): string {
  let text = pasted.trim();
  const withoutScheme = text.replace(/^(authorization:\s*)?(bearer\s+)?/iu, '');
  if (withoutScheme !== text) {
    notes.push('What stood before the token was taken off.');
    text = withoutScheme;
  }
  const unquoted = text.replace(/^(["'`])([^]*)\1[,;]?$/u, '$2');
  if (unquoted !== text) {
    notes.push('The quotes around it were taken off.');
    text = unquoted.trim();
  }
  const joined = text.replace(/\s+/gu, '');
  if (joined !== text) {
    notes.push('White space and line breaks within it were taken out.');
  }
  return joined;
}

function describePartCount(parts: string[]): string {
  if (parts.length === 1) {
    return 'It has no dots, so it is no token. If it is an API secret, be careful where you paste it.';
  }
  if (parts.length === 5) {
    return 'It has five parts, as encrypted tokens (JWE) have. What is wanted is a signed one of three.';
  }
  return `It has ${parts.length} parts between its dots. A token has three; ${
    parts.length < 3 ? 'the end may be cut off' : 'there may be two tokens in one'
  }.`;
}

function readPart(
  name: 'header' | 'payload',
  part: string,
  isDeveloper: boolean,
  problems: string[],
): Claims | null {
  if (part === '') {
    problems.push(`The ${name} is empty.`);
    return null;
  }
  const respelt = part.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/u, '');
  const bytes = decodeBase64Url(respelt);
  if (bytes === null) {
    problems.push(`The ${name} is not base64url: ${describeCharacters(respelt)}.`);
    return null;
  }
  // SDKs write developer tokens in the other alphabet, with padding.
  if (respelt !== part && !isDeveloper) {
    problems.push(
      `The ${name} is written in base64 with + / or =. Tokens are base64url without padding.`,
    );
  }
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Claims;
    }
  } catch {
    // Told below, like what is JSON and no object.
  }
  problems.push(`The ${name} is not one JSON object.`);
  return null;
}

function describeCharacters(part: string): string {
  const odd = /[^A-Za-z0-9_-]/u.exec(part);
  return odd === null ? 'a character is missing at its end' : 'it has a character that does not belong there';
}

function checkSignaturePart(signature: string, isDeveloper: boolean, problems: string[]): void {
  if (isDeveloper) {
    return;
  }
  if (signature === '') {
    problems.push('It is not signed.');
  } else if (decodeBase64Url(signature) === null) {
    problems.push(`The signature is not base64url: ${describeCharacters(signature)}.`);
  } else if (decodeBase64Url(signature)?.length !== 32) {
    problems.push('The signature has not the 32 bytes of HS256; it may be cut off.');
  }
}

function checkHeader(header: Claims, problems: string[]): void {
  if (header.alg !== 'HS256') {
    problems.push(
      `Its header names the algorithm ${JSON.stringify(header.alg) ?? 'by no name'}. Only HS256 is taken.`,
    );
  }
  if ('crit' in header) {
    problems.push('Its header has crit, which no server here understands.');
  }
}

function readDates(claims: Claims, problems: string[]): DecodedToken['dates'] {
  const dates: DecodedToken['dates'] = {};
  for (const name of ['exp', 'nbf', 'iat'] as const) {
    if (!Object.hasOwn(claims, name)) {
      continue;
    }
    const value = claims[name];
    if (typeof value !== 'number') {
      problems.push(`${name} is no number. Dates are seconds since 1970, without quotes.`);
    } else if (value < 0 || value > kSecondMax) {
      problems.push(
        value >= kMillisecondsFrom && value / 1000 <= kSecondMax
          ? `${name} looks like milliseconds. Dates are seconds since 1970.`
          : `${name} lies outside the years 1970 to 9999.`,
      );
    } else {
      dates[name] = value;
    }
  }
  return dates;
}

function kindOf(claims: Claims, problems: string[]): TokenKind {
  if (Object.hasOwn(claims, 'user_id')) {
    if (typeof claims.user_id !== 'string') {
      problems.push('user_id is no text.');
      return 'unknown';
    }
    if (claims.user_id === '!anon') {
      return 'anonymous';
    }
    if (claims.server !== undefined) {
      problems.push('It has both user_id and server. A token is a user’s or a backend’s.');
      return 'unknown';
    }
    return 'user';
  }
  const others = Object.keys(claims).filter((name) => !['server', 'iat', 'exp', 'nbf'].includes(name));
  if (others.length > 0) {
    problems.push(
      'It has no user_id. Is one of its claims a misspelt user_id? A backend’s token has server, iat, exp and nbf only.',
    );
    return 'unknown';
  }
  if (claims.server !== undefined && claims.server !== true) {
    problems.push('server can only be true.');
    return 'unknown';
  }
  return 'server';
}
