import { execFileSync } from 'node:child_process';

import { describe, expect, test } from 'vitest';

import { formatJson, goLiteral, javaScriptLiteral, pythonLiteral, quoteCpp, quoteCppRaw, quoteShell } from './quote';
import { writeSnippets, type Recipe } from './snippets';

const kRecipe: Recipe = {
  userId: 'john',
  expiry: { kind: 'in', seconds: 3600 },
  issuedAt: 'now',
  extra: {},
};

/** Texts that end a literal, a comment or a line in one language or another, or do not show. */
const kHostile = [
  `'; rm -rf "$HOME"; echo '`,
  '$(reboot) `reboot` ${HOME} %s %n \\',
  '")json" )" R"(',
  "\\'\\\"\\\\",
  'line\nbreak\r\ttab\u0000nul\u007f',
  '\u202eright\u2066to\u200bleft\u2028\u2029\u00a0\ufeff',
  '</script><img src=x onerror=alert(1)>',
  '??/" ??\' {{}} #{x} */ // <!--',
  'Ω≈ç√ 表ポあA 🔑👩‍👩‍👧 é',
  '\u{e0001}\u{10ffff}',
  '__proto__',
  '',
];

function snippet(language: string, changes: Partial<Recipe> = {}): string {
  const found = writeSnippets({ ...kRecipe, ...changes }).find((one) => one.language === language);
  return found?.code ?? '';
}

/** What the part of the code between `from` and `to` is. */
function between(code: string, from: string, to: string): string {
  const start = code.indexOf(from) + from.length;
  return code.slice(start, code.indexOf(to, start));
}

const kLanguages = ['curl', 'JavaScript', 'Python', 'Go', 'C++'];

describe('snippets', () => {
  test('are there in five languages, with the values of the form', () => {
    expect(writeSnippets(kRecipe).map(({ language }) => language)).toEqual(kLanguages);
    for (const language of kLanguages) {
      expect(snippet(language)).toContain('john');
      expect(snippet(language)).toContain('3600');
      expect(snippet(language)).toContain('STREAM_API_SECRET');
    }
  });

  test('mint the very token where its dates are given', () => {
    const changes: Partial<Recipe> = { expiry: { kind: 'at', second: 1767229200 }, issuedAt: 1767225600 };
    for (const language of kLanguages) {
      expect(snippet(language, changes)).toContain('1767229200');
      expect(snippet(language, changes)).toContain('1767225600');
      expect(snippet(language, changes)).not.toMatch(/date \+|Date\.now|time\.|time\.Now/u);
    }
  });

  test('leave out what the form leaves out', () => {
    const changes: Partial<Recipe> = { expiry: { kind: 'never' }, issuedAt: 'absent' };
    for (const language of ['curl', 'JavaScript', 'Python', 'Go']) {
      expect(snippet(language, changes)).not.toMatch(/\bexp\b|\biat\b|now/u);
    }
    expect(snippet('JavaScript', changes)).toContain('createToken("john");');
    expect(snippet('JavaScript', { expiry: { kind: 'never' } })).toContain('createToken("john", undefined, now);');
    expect(snippet('JavaScript', { issuedAt: 'absent' })).toContain('createToken("john", now + 3600);');
    expect(snippet('C++', changes)).toContain('.permanent = true');
  });

  test('have nothing in them that does not show', () => {
    for (const text of kHostile) {
      for (const { code, language } of writeSnippets({ ...kRecipe, userId: text, extra: { [text]: [text] } })) {
        expect(code.replace(/[\n\t]/gu, ''), language).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u);
      }
    }
  });

  test('in shell hand on any text as one word', () => {
    for (const text of kHostile.filter((one) => !one.includes('\0'))) {
      const said = execFileSync('sh', ['-c', `printf '%s' ${quoteShell(text)}`], { encoding: 'utf8' });
      expect(said).toBe(text);
    }
  });

  test('in shell sign the claims of the form', () => {
    for (const text of kHostile) {
      const extra = JSON.parse(JSON.stringify({ text, [text]: { list: [text, 1.5, true, null] } })) as object;
      const code = snippet('curl', { userId: text, extra: { ...extra } });
      const payload = between(code, "payload=$(printf '%s' ", ' | base64url)\nsignature');
      const said = execFileSync('sh', ['-c', `now=1000; printf '%s' ${payload}`], { encoding: 'utf8' });
      expect(JSON.parse(said)).toEqual({ user_id: text, exp: 4600, iat: 1000, ...extra });
    }
  });

  test('in JavaScript hold the claims of the form', () => {
    for (const text of kHostile) {
      const extra = JSON.parse(`{${JSON.stringify(text)}:{${JSON.stringify(text)}:[${JSON.stringify(text)},null]}}`) as Record<string, unknown>;
      const code = snippet('JavaScript', { userId: text, extra });
      const claims = between(code, 'const claims = ', ';\n// STREAM');
      // The test's own code is run, as a reader would run it.
      const value = new Function('now', `return ${claims}`)(1000) as unknown;
      expect(JSON.stringify(value)).toBe(JSON.stringify({ exp: 4600, iat: 1000, ...extra }));
      const user = between(code, 'STREAM_API_SECRET, ', ', claims);');
      expect(new Function(`return ${user}`)()).toBe(text);
    }
  });

  test('write the values of JSON as each language does', () => {
    const value = { a: null, b: [true, false], c: { d: 1.5, e: 'f"\u202e🔑\u{e0001}' } };
    expect(javaScriptLiteral(value)).toBe('{ a: null, b: [true, false], c: { d: 1.5, e: "f\\"\\u202e🔑\\udb40\\udc01" } }');
    expect(pythonLiteral(value)).toBe('{"a": None, "b": [True, False], "c": {"d": 1.5, "e": "f\\"\\u202e🔑\\U000e0001"}}');
    expect(goLiteral(value)).toBe('map[string]any{"a": nil, "b": []any{true, false}, "c": map[string]any{"d": 1.5, "e": "f\\"\\u202e🔑\\U000e0001"}}');
    expect(javaScriptLiteral({})).toBe('{}');
    expect(pythonLiteral({})).toBe('{}');
    expect(goLiteral({})).toBe('map[string]any{}');
  });

  test('in C++ quote any text', () => {
    expect(quoteCpp('a"\\\n\u202eb🔑')).toBe('"a\\"\\\\\\n\\342\\200\\256b🔑"');
    expect(quoteCpp('\u00007')).toBe('"\\0007"');
    expect(quoteCppRaw('"a"')).toBe('R"("a")"');
    expect(quoteCppRaw('")"')).toBe('R"json(")")json"');
    expect(quoteCppRaw('")")json"')).toBe('R"json1(")")json")json1"');
  });

  test('write JSON that reads back as it was', () => {
    for (const text of kHostile) {
      expect(JSON.parse(formatJson({ text }))).toEqual({ text });
    }
  });
});
