// A real identity provider on loopback: oidc-provider, with people who need no password.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { generateKeyPairSync, randomUUID } from 'node:crypto';

import { exportJWK } from 'jose';

/** What the package has to say about being used in a test. */
async function quietly(work) {
  const { info, warn } = console;
  console.info = () => {};
  console.warn = () => {};
  try {
    return await work();
  } finally {
    console.info = info;
    console.warn = warn;
  }
}

const { default: Provider } = await quietly(() => import('oidc-provider'));

/** A private key as a provider keeps it: `RS256`, `ES256` or `EdDSA`. */
export async function makeKey(alg, kid = randomUUID()) {
  const [type, options] = {
    RS256: ['rsa', { modulusLength: 2048 }],
    ES256: ['ec', { namedCurve: 'P-256' }],
    EdDSA: ['ed25519', {}],
  }[alg];
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' };
}

export const kClientId = 'page';
export const kClientSecret = 'client-secret-0123456789-abcdefghijklmnop';
export const kRedirectUri = 'https://app.example.com/callback';

/** Starts one. `redirectUris`: of its one client, which may use the code flow. */
export async function startIdentityProvider({ keys, redirectUris = [kRedirectUri] }) {
  const http = createServer((request, response) => provider.answer(request, response));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const provider = new IdentityProvider(http, redirectUris);
  await provider.use(keys);
  return provider;
}

class IdentityProvider {
  #http;
  #redirectUris;
  #provider;
  #handle;
  /** Who signs in next. */
  account = 'john';
  /** Paths that were asked for. */
  requests = [];
  /** Instead of an answer: a status. */
  outOfOrder;

  constructor(http, redirectUris) {
    this.#http = http;
    this.#redirectUris = redirectUris;
    this.issuer = `http://127.0.0.1:${http.address().port}`;
  }

  set redirectUris(uris) {
    this.#redirectUris = uris;
  }

  /** Signs with these from now on: the first of each algorithm. */
  async use(keys) {
    this.#provider = await quietly(
      () =>
        new Provider(this.issuer, {
          clients: keys.slice(0, 1).map(({ alg }) => ({
            client_id: kClientId,
            client_secret: kClientSecret,
            redirect_uris: this.#redirectUris,
            id_token_signed_response_alg: alg,
          })),
          jwks: { keys },
          claims: { openid: ['sub'], profile: ['name', 'picture'] },
          conformIdTokenClaims: false,
          enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA'] },
          cookies: { keys: ['cookie-key'] },
          features: { devInteractions: { enabled: false } },
          interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
          findAccount: (_, id) => ({
            accountId: id,
            claims: () => ({ sub: id, name: `Name of ${id}`, picture: `https://img.example.com/${id}.png` }),
          }),
          loadExistingGrant: async (context) => {
            const grant = new context.oidc.provider.Grant({
              clientId: context.oidc.client.clientId,
              accountId: context.oidc.session.accountId,
            });
            grant.addOIDCScope('openid profile');
            await grant.save();
            return grant;
          },
        }),
    );
    this.#handle = this.#provider.callback();
  }

  answer(request, response) {
    const path = request.url.split('?')[0];
    this.requests.push(path);
    if (this.outOfOrder) {
      response.writeHead(this.outOfOrder).end('out of order');
    } else if (path.startsWith('/login/')) {
      this.#provider.interactionFinished(request, response, { login: { accountId: this.account } });
    } else {
      this.#handle(request, response);
    }
  }

  /** What a browser does that is sent to `url`: the URL of the client that it comes back to. */
  async signIn(account, url) {
    this.account = account;
    const cookies = new Map();
    for (let next = url; ; ) {
      const response = await fetch(next, {
        redirect: 'manual',
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      });
      await response.arrayBuffer();
      for (const cookie of response.headers.getSetCookie?.() ?? splitCookies(response.headers.get('set-cookie'))) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
        cookies.set(name, value);
      }
      const location = response.headers.get('location');
      if (!location) throw new Error(`the identity provider answered ${response.status} at ${next}`);
      next = new URL(location, next).href;
      if (!next.startsWith(`${this.issuer}/`)) return new URL(next);
    }
  }

  /** An ID token for `account`, by the code flow. */
  async idToken(account, { nonce } = {}) {
    const ask = new URL('/auth', this.issuer);
    const parameters = {
      client_id: kClientId,
      redirect_uri: this.#redirectUris[0],
      response_type: 'code',
      scope: 'openid profile',
      state: randomUUID(),
      code_challenge: kCodeChallenge,
      code_challenge_method: 'S256',
      ...(nonce && { nonce }),
    };
    for (const [name, value] of Object.entries(parameters)) ask.searchParams.set(name, value);
    const back = await this.signIn(account, ask.href);
    const response = await fetch(new URL('/token', this.issuer), {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${kClientId}:${kClientSecret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: back.searchParams.get('code'),
        redirect_uri: this.#redirectUris[0],
        code_verifier: kCodeVerifier,
      }),
    });
    const answer = await response.json();
    if (!answer.id_token) throw new Error(`no ID token: ${JSON.stringify(answer)}`);
    return answer.id_token;
  }

  async stop() {
    this.#http.close();
    this.#http.closeAllConnections?.();
  }
}

// RFC 7636 appendix B.
const kCodeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const kCodeChallenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

/** Node 18 before 18.14 joins them with commas, which dates have too. */
function splitCookies(joined) {
  return joined ? joined.split(/,(?=[^;,]+=)/) : [];
}
