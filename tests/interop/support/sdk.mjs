// Stream's SDKs, unmodified, pointed at our server.
import { createRequire } from 'node:module';

import WebSocket from 'ws';

import { assertDescribed } from './openapi.mjs';
import { within } from './server.mjs';

const kConnectMax = 20_000; // ms; a refresh on the way takes up to 2.5

// The SDKs leave timers of 15 s and more behind when a connection is up or given up. They are to hold
// no finished suite back.
const kLongTimer = 10_000;
const setNodeTimeout = globalThis.setTimeout;
globalThis.setTimeout = (callback, milliseconds, ...rest) => {
  const timer = setNodeTimeout(callback, milliseconds, ...rest);
  if (milliseconds >= kLongTimer) timer.unref();
  return timer;
};

// feeds-client is written for browsers: what it takes from one, and Node 18 lacks.
globalThis.WebSocket ??= WebSocket;
const browser = new EventTarget();
globalThis.window ??= {
  btoa: globalThis.btoa,
  addEventListener: browser.addEventListener.bind(browser),
  removeEventListener: browser.removeEventListener.bind(browser),
};

// node-sdk calls what Node has. Its answers are to be as openapi.json describes them, like all others.
const nodeFetch = globalThis.fetch;
globalThis.fetch = async (url, options) => {
  const response = await nodeFetch(url, options);
  if (options?.headers?.['X-Stream-Client']?.startsWith('stream-node-')) {
    const text = await response.clone().text();
    assertDescribed(options.method, new URL(url).pathname, response.status, response.headers.get('content-type'), text);
  }
  return response;
};

const { StreamChat } = await import('stream-chat');
const { StreamClient } = await import('@stream-io/node-sdk');
// Its module form imports names from a CommonJS package, which Node 18 cannot read.
const { FeedsClient } = createRequire(import.meta.url)('@stream-io/feeds-client');

/** Holds what an SDK's client gets against openapi.json. */
function checked(client, axios) {
  const check = ({ config, status, headers, data }) => {
    const { pathname } = new URL(config.url, config.baseURL);
    assertDescribed(config.method.toUpperCase(), pathname, status, headers['content-type'], JSON.stringify(data));
  };
  axios.interceptors.response.use(
    (response) => {
      check(response);
      return response;
    },
    (error) => {
      if (error.response) check(error.response);
      throw error;
    },
  );
  return client;
}

/** stream-chat with the secret: what a backend holds. */
export function chatServer(server, { key = server.apiKey, secret = server.apiSecret } = {}) {
  const client = new StreamChat(key, secret, { baseURL: server.url, browser: false });
  return checked(client, client.axiosInstance);
}

/** stream-chat without the secret: what an app holds. */
export function chatClient(server, { key = server.apiKey, ...options } = {}) {
  const client = new StreamChat(key, undefined, {
    baseURL: server.url,
    browser: false,
    allowServerSideConnect: true,
    logger: () => {},
    ...options,
  });
  return checked(client, client.axiosInstance);
}

export function nodeServer(server, { key = server.apiKey, secret = server.apiSecret } = {}) {
  return new StreamClient(key, secret, { basePath: server.url });
}

export function feedsClient(server, { key = server.apiKey } = {}) {
  const client = new FeedsClient(key, { base_url: server.url });
  return checked(client, client.apiClient.axiosInstance);
}

/** A token provider that hands out `tokens` one after another, the last for ever, and counts its calls. */
export function providerOf(...tokens) {
  const provider = async () => {
    const token = tokens[Math.min(provider.calls, tokens.length - 1)];
    provider.calls += 1;
    return typeof token === 'function' ? token() : token;
  };
  provider.calls = 0;
  return provider;
}

/** Connects, hands the client on, and disconnects it whatever happens. */
export async function withConnection(client, user, tokenOrProvider, use) {
  try {
    await use(await within(kConnectMax, 'the connection', client.connectUser(user, tokenOrProvider)));
  } finally {
    await client.disconnectUser();
  }
}

/** The next event of one type at an SDK's client. */
export function nextEvent(client, type) {
  return new Promise((done) => {
    const subscription = client.on(type, (event) => {
      const stop = subscription?.unsubscribe ?? subscription;
      stop?.();
      done(event);
    });
  });
}
