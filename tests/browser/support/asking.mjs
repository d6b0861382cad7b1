// What the public API says of a token that came out of the dashboard.

/** `{ status, body }` of a call with this token. */
export async function decisionAbout(server, token) {
  const response = await fetch(`${server.url}/api/v2/app?api_key=${server.apiKey}`, {
    headers: { Authorization: token, 'Stream-Auth-Type': 'jwt' },
  });
  return { status: response.status, body: await response.json() };
}

/** What a token says, unchecked. */
export function claimsOf(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
}
