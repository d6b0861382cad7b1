/** What a token says; its members in the order in which they are signed. */
export type Claims = Record<string, unknown>;

/** When a token ends. */
export type Expiry =
  | { kind: 'in'; seconds: number }
  | { kind: 'at'; second: number }
  | { kind: 'never' };

/** What the form of the generator holds. */
export interface TokenForm {
  userId: string;
  expiry: Expiry;
  withIssuedAt: boolean;
  /** The text of a JSON object; empty: none. */
  extraClaims: string;
}

/** The fields of the form that can be wrong. */
export type FormField = 'userId' | 'expiry' | 'extraClaims';

/** What is odd about a token that can be made. */
export interface Warning {
  about: 'exp' | 'iat' | 'role';
  text: string;
}

export interface BuiltClaims {
  /** Null while anything is wrong. */
  claims: Claims | null;
  /** The further claims alone, as they were read. */
  extra: Claims;
  errors: Partial<Record<FormField, string>>;
  warnings: Warning[];
}

export const kMinute = 60;
export const kHour = 60 * kMinute;
export const kDay = 24 * kHour;

/** Lifetimes to choose from, the usual one first. */
export const kLifetimes: readonly { label: string; seconds: number }[] = [
  { label: '1 hour', seconds: kHour },
  { label: '15 minutes', seconds: 15 * kMinute },
  { label: '1 day', seconds: kDay },
  { label: '30 days', seconds: 30 * kDay },
  { label: '1 year', seconds: 365 * kDay },
];

const kUserIdMax = 255;
/** 9999-12-31T23:59:59Z, the last second that the server takes. */
const kSecondMax = 253_402_300_799;
const kLongLife = 90 * kDay;
const kNestingMax = 32;
const kClaimsMax = 128;
/** Of these the form has fields, or the server would take the token for a backend's. */
const kReserved: Readonly<Record<string, string>> = {
  user_id: 'The user is named by the field above; a further claim cannot override user_id.',
  exp: 'The expiry is set above; a further claim cannot override exp.',
  iat: 'The issue time is set above; a further claim cannot override iat.',
  server: 'A token with a user is never a server’s: leave the claim server out.',
};

/** Why the server would not take this as a user's id; null: it would. */
export function findUserIdFlaw(userId: string): string | null {
  if (userId === '') {
    return 'A user id is wanted.';
  }
  const odd = /[^A-Za-z0-9@_-]/u.exec(userId);
  if (odd) {
    return `A user id has only the characters A-Z a-z 0-9 @ _ - and this one has ${nameCharacter(odd[0])}.`;
  }
  return userId.length > kUserIdMax
    ? `It has ${userId.length} characters; a user id has at most ${kUserIdMax}.`
    : null;
}

/** What the form asks for at `now`, in seconds since 1970 as tokens count. */
export function buildClaims(form: TokenForm, now: number): BuiltClaims {
  const errors: BuiltClaims['errors'] = {};
  const userIdFlaw = findUserIdFlaw(form.userId);
  if (userIdFlaw !== null) {
    errors.userId = userIdFlaw;
  }
  const expiresAt = endOf(form.expiry, now);
  const expiryFlaw = findExpiryFlaw(form.expiry, expiresAt, now);
  if (expiryFlaw !== null) {
    errors.expiry = expiryFlaw;
  }
  const extra = readExtraClaims(form.extraClaims);
  if (typeof extra === 'string') {
    errors.extraClaims = extra;
  }
  const further = typeof extra === 'string' ? {} : extra;
  // The order in which Stream's JavaScript SDK writes them.
  const claims: Claims = {
    user_id: form.userId,
    ...(expiresAt === null ? {} : { exp: expiresAt }),
    ...(form.withIssuedAt ? { iat: now } : {}),
    ...further,
  };
  const isWhole = Object.keys(errors).length === 0;
  return {
    claims: isWhole ? claims : null,
    extra: further,
    errors,
    warnings: isWhole ? findWarnings(form, claims, now) : [],
  };
}

function endOf(expiry: Expiry, now: number): number | null {
  switch (expiry.kind) {
    case 'in':
      return now + expiry.seconds;
    case 'at':
      return expiry.second;
    case 'never':
      return null;
  }
}

function findExpiryFlaw(expiry: Expiry, expiresAt: number | null, now: number): string | null {
  if (expiresAt === null) {
    return null;
  }
  if (!Number.isInteger(expiresAt)) {
    return expiry.kind === 'in' ? 'Whole seconds are wanted.' : 'A date and a time are wanted.';
  }
  if (expiresAt <= now) {
    return expiry.kind === 'in'
      ? 'A lifetime of at least one second is wanted.'
      : 'This date has passed: the token would be refused at once.';
  }
  return expiresAt > kSecondMax ? 'Dates end with the year 9999.' : null;
}

/** The further claims, or what is wrong with them. */
function readExtraClaims(text: string): Claims | string {
  if (text.trim() === '') {
    return {};
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'This is not JSON. An object is wanted, such as {"role": "admin"}.';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return 'A JSON object is wanted, such as {"role": "admin"}.';
  }
  const claims = value as Claims;
  for (const name of Object.keys(claims)) {
    const why = Object.hasOwn(kReserved, name) ? kReserved[name] : undefined;
    if (why !== undefined) {
      return why;
    }
  }
  if (Object.keys(claims).length > kClaimsMax - 3) {
    return `A token has at most ${kClaimsMax} claims.`;
  }
  if ('nbf' in claims && !isSecond(claims.nbf)) {
    return 'nbf wants a date as a number of seconds since 1970; milliseconds are the usual mistake.';
  }
  return findValueFlaw(claims, 1) ?? claims;
}

function isSecond(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= kSecondMax;
}

/** What JavaScript cannot carry through unchanged, or the server does not read. */
function findValueFlaw(value: unknown, depth: number): string | null {
  if (depth > kNestingMax) {
    return `This is nested deeper than ${kNestingMax} levels, which no server reads.`;
  }
  if (typeof value === 'number') {
    return Number.isInteger(value) && !Number.isSafeInteger(value)
      ? 'A number of this size loses digits in a browser. Write it as a text.'
      : Number.isFinite(value)
        ? null
        : 'A number is too large. Write it as a text.';
  }
  if (typeof value === 'string') {
    return /\p{Surrogate}/u.test(value) ? 'A text has half a character (a lone surrogate).' : null;
  }
  if (typeof value !== 'object' || value === null) {
    return null;
  }
  for (const [name, inner] of Object.entries(value)) {
    const flaw = findValueFlaw(name, depth) ?? findValueFlaw(inner, isNesting(inner) ? depth + 1 : depth);
    if (flaw !== null) {
      return flaw;
    }
  }
  return null;
}

function isNesting(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function findWarnings(form: TokenForm, claims: Claims, now: number): Warning[] {
  const warnings: Warning[] = [];
  if (claims.exp === undefined) {
    warnings.push({
      about: 'exp',
      text: 'This token never expires. Only a revocation, or retiring the secret, ends it.',
    });
  } else if ((claims.exp as number) - now > kLongLife) {
    warnings.push({
      about: 'exp',
      text: 'This token lives for months. Who finds it can use it until then, unless you revoke it.',
    });
  }
  if (!form.withIssuedAt) {
    warnings.push({ about: 'iat', text: kWhyIssuedAt });
  }
  if ('role' in claims) {
    warnings.push({
      about: 'role',
      text: 'The claim role gives this token the rights of that role, whatever role the user has. Hand it out accordingly.',
    });
  }
  return warnings;
}

/** Shown beside the switch, too. */
export const kWhyIssuedAt =
  'Revoking voids the tokens issued before a date. One that does not say when it was issued is void under every revocation, also when it was made afterwards.';

function nameCharacter(character: string): string {
  if (character === ' ') {
    return 'a space';
  }
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(character)
    ? `“${character}”`
    : `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
