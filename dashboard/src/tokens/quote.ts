/**
 * What does not show as itself: controls, what turns the direction of text, odd spaces, halves of
 * characters. In source code it is always escaped, so that what is read is what runs.
 */
const kUnseen = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

function escapeUnseen(text: string, escape: (character: string) => string): string {
  return text.replace(kUnseen, escape);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

/** `\uXXXX` for each UTF-16 unit, as JSON and JavaScript have it. */
function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, at) => `\\u${hex(character.charCodeAt(at), 4)}`).join('');
}

/** `\uXXXX` or `\UXXXXXXXX`, as Python and Go have it. */
function escapeCodePoint(character: string): string {
  const code = codeOf(character);
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

/** JSON on one line, in which everything shows. */
export function formatJson(value: unknown): string {
  return escapeUnseen(JSON.stringify(value), escapeUnits);
}

/** A word for `sh`, whatever the text holds. */
export function quoteShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export function quoteJavaScript(text: string): string {
  return formatJson(text);
}

export function quotePython(text: string): string {
  return escapeUnseen(JSON.stringify(text), escapeCodePoint);
}

/** Go has the escapes of Python, but takes no half of a character. */
export function quoteGo(text: string): string {
  return quotePython(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}

/** A string literal of C++: what does not show as the octal escapes of its UTF-8 bytes. */
export function quoteCpp(text: string): string {
  const escaped = text.replace(/[\\"]/gu, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  const encoder = new TextEncoder();
  // An octal escape ends after three digits; one in hexadecimal would eat the letters behind it.
  const octal = (character: string) =>
    Array.from(encoder.encode(character), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  return `"${escapeUnseen(escaped, octal)}"`;
}

/** A literal in which nothing is escaped, for JSON in C++. The text holds no line break. */
export function quoteCppRaw(text: string): string {
  let delimiter = '';
  for (let count = 0; text.includes(`)${delimiter}"`); count += 1) {
    delimiter = `json${count === 0 ? '' : count}`;
  }
  return `R"${delimiter}(${text})${delimiter}"`;
}

/** How a language writes the values of JSON. */
interface Literals {
  quote: (text: string) => string;
  none: string;
  yes: string;
  no: string;
  list: (items: string[]) => string;
  map: (members: { name: string; value: string }[]) => string;
}

const kJavaScript: Literals = {
  quote: quoteJavaScript,
  none: 'null',
  yes: 'true',
  no: 'false',
  list: (items) => `[${items.join(', ')}]`,
  map: (members) =>
    members.length === 0
      ? '{}'
      : `{ ${members.map(({ name, value }) => `${javaScriptName(name)}: ${value}`).join(', ')} }`,
};

const kPython: Literals = {
  quote: quotePython,
  none: 'None',
  yes: 'True',
  no: 'False',
  list: (items) => `[${items.join(', ')}]`,
  map: (members) => `{${members.map(({ name, value }) => `${quotePython(name)}: ${value}`).join(', ')}}`,
};

const kGo: Literals = {
  quote: quoteGo,
  none: 'nil',
  yes: 'true',
  no: 'false',
  list: (items) => `[]any{${items.join(', ')}}`,
  map: (members) =>
    `map[string]any{${members.map(({ name, value }) => `${quoteGo(name)}: ${value}`).join(', ')}}`,
};

function literal(value: unknown, literals: Literals): string {
  if (value === null || value === undefined) {
    return literals.none;
  }
  if (typeof value === 'boolean') {
    return value ? literals.yes : literals.no;
  }
  if (typeof value === 'string') {
    return literals.quote(value);
  }
  if (Array.isArray(value)) {
    return literals.list(value.map((item) => literal(item, literals)));
  }
  if (typeof value === 'object') {
    return literals.map(
      Object.entries(value).map(([name, inner]) => ({ name, value: literal(inner, literals) })),
    );
  }
  return JSON.stringify(value);
}

export const javaScriptLiteral = (value: unknown) => literal(value, kJavaScript);
export const pythonLiteral = (value: unknown) => literal(value, kPython);
export const goLiteral = (value: unknown) => literal(value, kGo);

/** A member's name; `__proto__` in quotes would set the prototype in place of a member. */
export function javaScriptName(name: string): string {
  if (name === '__proto__') {
    return '["__proto__"]';
  }
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/u.test(name) ? name : quoteJavaScript(name);
}
