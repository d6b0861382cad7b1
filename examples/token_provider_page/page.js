// stream-chat with a token provider that asks Latchkey's. `./stream-chat.js` is the package as one file:
// the README beside this says how it is made.
import { StreamChat } from './stream-chat.js';

const form = document.querySelector('#connect');
const disconnect = document.querySelector('#disconnect');
let client;

function say(text) {
  const line = document.createElement('li');
  line.textContent = text;
  document.querySelector('#log').append(line);
}

function show(state) {
  document.querySelector('#state').textContent = state;
  disconnect.disabled = !client;
}

// [provider]
/** Asks `/token/NAME`: `{ token, user_id, expires_at, server_time }`. */
async function fetchToken(server, provider, proof) {
  const response = await fetch(new URL(`/token/${provider}`, server), {
    headers: { Authorization: `Bearer ${proof}` },
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}
// [/provider]

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { server, apiKey, provider, proof } = Object.fromEntries(new FormData(form));
  try {
    await client?.disconnectUser();
    // Whose the proof is, the first answer says; its token is the first that is used.
    let first = await fetchToken(server, provider, proof);
    const userId = first.user_id;
    const tokenProvider = async () => {
      const { token, expires_at } = first ?? (await fetchToken(server, provider, proof));
      first = undefined;
      say(`a token until ${expires_at}`);
      return token;
    };
    client = new StreamChat(apiKey, undefined, { baseURL: server });
    client.on('connection.changed', ({ online }) => show(online ? `connected as ${userId}` : 'connecting again'));
    await client.connectUser({ id: userId }, tokenProvider);
    show(`connected as ${userId}`);
  } catch (error) {
    client = undefined;
    show('not connected');
    say(error.message);
  }
});

disconnect.addEventListener('click', async () => {
  const leaving = client;
  client = undefined;
  await leaving.disconnectUser();
  show('not connected');
});
