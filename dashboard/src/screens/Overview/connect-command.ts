/** Text as one word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * A command that opens a WebSocket as `userId` and tells what becomes of it. Node alone runs it, in any version, for
 * it speaks the few bytes of the handshake itself; frames of the server are plain text behind two or four bytes.
 */
export function connectCommand(
  publicUrl: string,
  apiKey: string,
  userId: string,
  token: string,
): string {
  const query = new URLSearchParams({
    api_key: apiKey,
    'stream-auth-type': 'jwt',
    authorization: token,
    json: JSON.stringify({ user_id: userId, user_details: { id: userId } }),
  });
  const url = `${publicUrl.replace(/\/$/, '')}/connect?${query}`;
  const script = [
    'const u = new URL(process.env.URL);',
    'require(u.protocol === "https:" ? "https" : "http").get(u, { headers: { Connection: "Upgrade", Upgrade: "websocket",',
    '  "Sec-WebSocket-Version": 13, "Sec-WebSocket-Key": require("crypto").randomBytes(16).toString("base64") } })',
    '  .on("upgrade", (_, socket) => {',
    '    console.log("connected; now revoke the user, and see this end");',
    '    socket.on("data", (data) => /"code":(\\d+)/.test(data) && console.log("told: code", RegExp.$1));',
    '    socket.on("end", () => { console.log("ended by the server"); process.exit(); });',
    '    setInterval(() => socket.write(Buffer.from([137, 128, 0, 0, 0, 0])), 20000);',
    '  })',
    '  .on("response", (r) => { console.log("refused:", r.statusCode); r.pipe(process.stdout); })',
    '  .on("error", (e) => console.log(e.message));',
  ].join('\n');
  return `URL=${quoted(url)} node -e ${quoted(script)}`;
}
