/** What a rule of the decision means to whoever runs the App (docs/reference/errors.md has all of them). */
interface Reason {
  name: string;
  meaning: string;
}

const kReasons: Record<string, Reason> = {
  api_key_missing: { name: 'No API key', meaning: 'The call did not say which app it is for.' },
  api_key_unknown: {
    name: 'Unknown API key',
    meaning: 'No app of this server has this key: compare the key and the base URL.',
  },
  app_suspended: { name: 'App suspended', meaning: 'An operator has suspended the app.' },
  auth_type_invalid: {
    name: 'Unknown kind of sign-in',
    meaning: 'The header stream-auth-type is neither jwt nor anonymous.',
  },
  anonymous_with_user_id: {
    name: 'Anonymous with a user id',
    meaning: 'An anonymous caller has no user id of its own.',
  },
  user_deactivated: {
    name: 'User is deactivated',
    meaning: 'The token is good, but its user may not sign in until reactivated.',
  },
  user_deleted: { name: 'User is deleted', meaning: 'The token is good, but its user is gone.' },
  missing: {
    name: 'No token',
    meaning: 'The call carried no token: the Authorization header is not set, or is set to nothing.',
  },
  too_long: { name: 'Token too long', meaning: 'Over 8 KiB, most often with profile data in its claims.' },
  wrong_segment_count: {
    name: 'Not a token',
    meaning: 'Not three parts joined by dots: something else was sent, or the token was cut.',
  },
  not_base64url: {
    name: 'Not base64url',
    meaning: 'Padding, white space or standard base64: the token was changed on its way.',
  },
  header_not_json: { name: 'Unreadable header', meaning: 'The first part is not a JSON object.' },
  header_duplicate_name: { name: 'Header says a thing twice', meaning: 'A token built by hand.' },
  header_critical: {
    name: 'Unsupported header option',
    meaning: 'crit or b64: an option of a JWT library that is not needed here.',
  },
  type_not_allowed: {
    name: 'Not a JWT by its type',
    meaning: 'The header typ is not JWT, as in access tokens of other systems.',
  },
  algorithm_not_allowed: {
    name: 'Wrong algorithm',
    meaning: 'Not HS256. Many libraries sign with RS256 unless they are told.',
  },
  signature_mismatch: {
    name: 'Wrong signature',
    meaning:
      'No live secret of the app made it: another app’s secret, a retired one, or a developer token while auth checks are on.',
  },
  claims_not_json: { name: 'Unreadable claims', meaning: 'The second part is not a JSON object.' },
  claim_duplicate_name: { name: 'A claim stands twice', meaning: 'A token built by hand.' },
  too_many_claims: { name: 'Too many claims', meaning: 'More than 128.' },
  user_id_not_text: {
    name: 'User id is not text',
    meaning: 'A number, most often: write the id as a string.',
  },
  user_id_invalid: {
    name: 'User id not allowed',
    meaning: '1 to 255 of a-z A-Z 0-9 @ _ and -; an e-mail address or a name with spaces is none.',
  },
  date_not_number: { name: 'Date is not a number', meaning: 'exp, iat and nbf count seconds since 1970.' },
  date_out_of_range: {
    name: 'Date out of range',
    meaning: 'Milliseconds, most often, where seconds belong.',
  },
  server_not_true: { name: 'Claim server is not true', meaning: 'A server token has the boolean true.' },
  server_with_user_id: {
    name: 'Both server and user',
    meaning: 'One token cannot speak for the backend and for a user.',
  },
  user_id_missing: {
    name: 'No user id',
    meaning: 'Claims but no user_id: was sub, userId or id meant?',
  },
  expired: {
    name: 'Expired',
    meaning: 'The token has lived its time. SDKs fetch the next one from your token provider by themselves.',
  },
  not_yet_valid: { name: 'Not valid yet', meaning: 'nbf lies ahead: compare the clocks.' },
  issued_in_future: {
    name: 'Issued in the future',
    meaning: 'iat lies more than 10 seconds ahead: the clock of your backend is fast.',
  },
  revoked_for_user: {
    name: 'Revoked for the user',
    meaning: 'Issued before the user’s tokens were revoked, or without iat while they are.',
  },
  revoked_for_app: {
    name: 'Revoked for everybody',
    meaning: 'Issued before all tokens of the app were revoked, or without iat while they are.',
  },
};

export function reasonOf(rule: string): Reason {
  const known = kReasons[rule];
  if (known) return known;
  const words = rule.replace(/_/g, ' ');
  return { name: words.charAt(0).toUpperCase() + words.slice(1), meaning: '' };
}
