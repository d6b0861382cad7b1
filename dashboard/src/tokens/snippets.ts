import type { Claims, Expiry } from './claims';
import {
  formatJson,
  goLiteral,
  javaScriptLiteral,
  javaScriptName,
  pythonLiteral,
  quoteCpp,
  quoteCppRaw,
  quoteGo,
  quoteJavaScript,
  quotePython,
  quoteShell,
} from './quote';
import { kHeader } from './sign';

/** How a token is made: what the snippets have of the form, and nothing of the secret. */
export interface Recipe {
  userId: string;
  expiry: Expiry;
  /** A number: that second, for the very token of the form; `now`: when the code runs. */
  issuedAt: 'now' | 'absent' | number;
  extra: Claims;
}

export interface Snippet {
  language: 'curl' | 'JavaScript' | 'Python' | 'Go' | 'C++';
  /** What the code needs to be there, in a few words. */
  needs: string;
  code: string;
}

/** Code that mints the token of `recipe`, in each language. The secret comes from the environment. */
export function writeSnippets(recipe: Recipe): Snippet[] {
  return [
    { language: 'curl', needs: 'perl, curl', code: writeShell(recipe) },
    { language: 'JavaScript', needs: 'npm install stream-chat', code: writeJavaScript(recipe) },
    { language: 'Python', needs: 'pip install pyjwt', code: writePython(recipe) },
    { language: 'Go', needs: 'go get github.com/golang-jwt/jwt/v5', code: writeGo(recipe) },
    { language: 'C++', needs: 'Latchkey’s SDK, component sdk', code: writeCpp(recipe) },
  ];
}

function asksTheClock({ expiry, issuedAt }: Recipe): boolean {
  return issuedAt === 'now' || expiry.kind === 'in';
}

/** `exp` and `iat` as code, given how the language writes "now" and a sum with it. */
function dateMembers(
  { expiry, issuedAt }: Recipe,
  now: string,
): { name: 'exp' | 'iat'; code: string }[] {
  const members: { name: 'exp' | 'iat'; code: string }[] = [];
  if (expiry.kind === 'in') {
    members.push({ name: 'exp', code: `${now} + ${expiry.seconds}` });
  } else if (expiry.kind === 'at') {
    members.push({ name: 'exp', code: `${expiry.second}` });
  }
  if (issuedAt !== 'absent') {
    members.push({ name: 'iat', code: issuedAt === 'now' ? now : `${issuedAt}` });
  }
  return members;
}

function lines(...parts: (string | false)[]): string {
  return parts.filter((part) => part !== false).join('\n');
}

function writeShell(recipe: Recipe): string {
  const { userId, extra } = recipe;
  const dates = dateMembers(recipe, 'now')
    .map(({ name, code }) => `,"${name}":${/^\d+$/u.test(code) ? code : `'"$((${code}))"'`}`)
    .join('');
  const further = formatJson(extra).slice(1, -1);
  // Quoted in pieces: the shell computes the dates between two quotes, and nothing else.
  const payload = [
    quoteShell(`{"user_id":${formatJson(userId)}`).slice(0, -1),
    dates,
    quoteShell(`${further === '' ? '' : `,${further}`}}`).slice(1),
  ].join('');
  return lines(
    '# STREAM_API_SECRET holds YOUR_API_SECRET, and to try the token there are STREAM_API_KEY and',
    '# STREAM_BASE_URL, such as http://127.0.0.1:8080. In bash, "read -rs STREAM_API_SECRET" asks',
    '# for the secret and leaves no trace of it in the history.',
    'export STREAM_API_SECRET="${STREAM_API_SECRET:?holds YOUR_API_SECRET}"',
    "base64url() { perl -MMIME::Base64=encode_base64url -0777 -ne 'print encode_base64url($_)'; }",
    // openssl takes a secret as an argument alone, and everybody on the machine can read those.
    "sign() { perl -MDigest::SHA=hmac_sha256 -0777 -ne 'print hmac_sha256($_, $ENV{STREAM_API_SECRET})'; }",
    '',
    asksTheClock(recipe) && 'now=$(date +%s)',
    `header=$(printf '%s' ${quoteShell(kHeader)} | base64url)`,
    `payload=$(printf '%s' ${payload} | base64url)`,
    `signature=$(printf '%s' "$header.$payload" | sign | base64url)`,
    'token=$header.$payload.$signature',
    `printf '%s\\n' "$token"`,
    '',
    // Nor does the token become an argument: it is the user until it ends.
    `printf 'Authorization: %s\\n' "$token" |`,
    '  curl "$STREAM_BASE_URL/api/v2/app?api_key=$STREAM_API_KEY" -H \'Stream-Auth-Type: jwt\' -H @-',
  );
}

function writeJavaScript(recipe: Recipe): string {
  const { userId, extra } = recipe;
  const clock = asksTheClock(recipe) && 'const now = Math.floor(Date.now() / 1000);';
  const dates = dateMembers(recipe, 'now');
  const user = quoteJavaScript(userId);
  if (Object.keys(extra).length === 0) {
    const code = (name: 'exp' | 'iat') => dates.find((member) => member.name === name)?.code;
    const [exp, iat] = [code('exp'), code('iat')];
    const args = [user, ...(exp || iat ? [exp ?? 'undefined'] : []), ...(iat ? [iat] : [])];
    return lines(
      "import { StreamChat } from 'stream-chat';",
      '',
      '// STREAM_API_SECRET holds YOUR_API_SECRET',
      'const { STREAM_API_KEY, STREAM_API_SECRET } = process.env;',
      'const client = StreamChat.getInstance(STREAM_API_KEY, STREAM_API_SECRET);',
      clock,
      `const token = client.createToken(${args.join(', ')});`,
      'console.log(token);',
    );
  }
  const members = [
    ...dates.map(({ name, code }) => ({ name: name as string, code })),
    ...Object.entries(extra).map(([name, value]) => ({ name, code: javaScriptLiteral(value) })),
  ];
  return lines(
    '// createToken takes no further claims; this is what it calls.',
    "import { JWTUserToken } from 'stream-chat';",
    '',
    clock,
    'const claims = {',
    ...members.map(({ name, code }) => `  ${javaScriptName(name)}: ${code},`),
    '};',
    '// STREAM_API_SECRET holds YOUR_API_SECRET',
    `const token = JWTUserToken(process.env.STREAM_API_SECRET, ${user}, claims);`,
    'console.log(token);',
  );
}

function writePython(recipe: Recipe): string {
  const { userId, extra } = recipe;
  const members = [
    ...dateMembers(recipe, 'now').map(({ name, code }) => ({ name: name as string, code })),
    ...Object.entries(extra).map(([name, value]) => ({ name, code: pythonLiteral(value) })),
  ];
  return lines(
    'import os',
    asksTheClock(recipe) && 'import time',
    '',
    'import jwt',
    '',
    asksTheClock(recipe) && 'now = int(time.time())',
    'claims = {',
    `    "user_id": ${quotePython(userId)},`,
    ...members.map(({ name, code }) => `    ${quotePython(name)}: ${code},`),
    '}',
    '# STREAM_API_SECRET holds YOUR_API_SECRET',
    'token = jwt.encode(claims, os.environ["STREAM_API_SECRET"], algorithm="HS256")',
    'print(token)',
  );
}

function writeGo(recipe: Recipe): string {
  const { userId, extra } = recipe;
  const clock = asksTheClock(recipe);
  const members = [
    ...dateMembers(recipe, 'now').map(({ name, code }) => ({ name: name as string, code })),
    ...Object.entries(extra).map(([name, value]) => ({ name, code: goLiteral(value) })),
  ];
  return lines(
    'package main',
    '',
    'import (',
    '\t"fmt"',
    '\t"log"',
    '\t"os"',
    clock && '\t"time"',
    '',
    '\t"github.com/golang-jwt/jwt/v5"',
    ')',
    '',
    'func main() {',
    clock && '\tnow := time.Now().Unix()',
    '\tclaims := jwt.MapClaims{',
    `\t\t"user_id": ${quoteGo(userId)},`,
    ...members.map(({ name, code }) => `\t\t${quoteGo(name)}: ${code},`),
    '\t}',
    '\t// STREAM_API_SECRET holds YOUR_API_SECRET',
    '\tsecret := []byte(os.Getenv("STREAM_API_SECRET"))',
    '\ttoken, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(secret)',
    '\tif err != nil {',
    '\t\tlog.Fatal(err)',
    '\t}',
    '\tfmt.Println(token)',
    '}',
  );
}

function writeCpp({ userId, expiry, issuedAt, extra }: Recipe): string {
  const second = (at: number) => `latchkey::Instant{std::chrono::seconds{${at}}}`;
  const claims = Object.entries(extra).map(
    ([name, value]) => `{${quoteCpp(name)}, ${quoteCppRaw(formatJson(value))}}`,
  );
  // In the order of the options' members, as designated initialisers want it.
  const options = [
    expiry.kind === 'in' && `.expires_in = std::chrono::seconds{${expiry.seconds}}`,
    expiry.kind === 'at' && `.expires_at = ${second(expiry.second)}`,
    expiry.kind === 'never' && '.permanent = true',
    typeof issuedAt === 'number' && `.issued_at = ${second(issuedAt)}`,
    claims.length > 0 && `.claims = {${claims.join(', ')}}`,
  ].filter((option) => option !== false);
  return lines(
    '#include <latchkey/sdk/server_client.hpp>',
    '',
    '#include <chrono>',
    '#include <iostream>',
    '',
    'int main() {',
    '    // STREAM_API_SECRET holds YOUR_API_SECRET; STREAM_API_KEY and STREAM_BASE_URL are read, too.',
    '    auto const backend = latchkey::ServerClient::from_environment();',
    issuedAt === 'absent' && '    // This SDK always says when a token was issued: without iat it could not be spared by a revocation.',
    '    auto const token = backend.create_token(',
    `        ${quoteCpp(userId)},`,
    `        {${options.join(',\n         ')}});`,
    '    if (!token) {',
    "        std::cerr << token.error().message << '\\n';",
    '        return 1;',
    '    }',
    "    std::cout << *token << '\\n';",
    '}',
  );
}
