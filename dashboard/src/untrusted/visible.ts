/** A run of text as it is, or one character that would not show, by its code point. */
export type Piece = { text: string } | { unseen: string; name: string };

/** What is known by a name that says more than its number. */
const kNames: Readonly<Record<string, string>> = {
  'U+0000': 'null',
  'U+0009': 'tab',
  'U+000A': 'line break',
  'U+000D': 'carriage return',
  'U+001B': 'escape',
  'U+00AD': 'soft hyphen',
  'U+061C': 'Arabic letter mark',
  'U+200B': 'zero-width space',
  'U+200E': 'left-to-right mark',
  'U+200F': 'right-to-left mark',
  'U+2028': 'line separator',
  'U+2029': 'paragraph separator',
  'U+202A': 'left-to-right embedding',
  'U+202B': 'right-to-left embedding',
  'U+202C': 'end of embedding',
  'U+202D': 'left-to-right override',
  'U+202E': 'right-to-left override',
  'U+2060': 'word joiner',
  'U+2066': 'left-to-right isolate',
  'U+2067': 'right-to-left isolate',
  'U+2068': 'first strong isolate',
  'U+2069': 'end of isolate',
  'U+FEFF': 'byte order mark',
};

/**
 * Controls, formats, separators of lines, halves of characters. Not the joiners (U+200C, U+200D): names in
 * Persian and many emoji are made with them; they turn nothing around.
 */
const kUnseen = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]|(?![\u200c\u200d])\p{Cf}/u;

/** Cuts a text of anybody's into what shows and what would not. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let run = '';
  for (const character of text) {
    if (!kUnseen.test(character)) {
      run += character;
      continue;
    }
    if (run !== '') pieces.push({ text: run });
    run = '';
    const unseen = codePoint(character);
    pieces.push({ unseen, name: kNames[unseen] ?? 'does not show' });
  }
  if (run !== '') pieces.push({ text: run });
  return pieces;
}

/** The same as one text, for attributes and for what is read out: `a⟨U+202E⟩b`. */
export function visibleText(text: string): string {
  return piecesOf(text)
    .map((piece) => ('text' in piece ? piece.text : `⟨${piece.unseen}⟩`))
    .join('');
}

/** What stands in place of a text that has nothing to see in it. */
export const kNothingToSee = '(nothing but white space)';

/** The name of an App or a user where only a text can stand: in a title, a message, an option. */
export function visibleName(name: string): string {
  return name.trim() === '' ? kNothingToSee : visibleText(name);
}

/** At most so many characters, never half of one, and whether something was cut off. */
export function cut(text: string, max: number): { text: string; isCut: boolean } {
  // Most texts are short: no need to take them apart.
  if (text.length <= max) return { text, isCut: false };
  const characters = Array.from(text.slice(0, 2 * (max + 1)));
  return characters.length <= max
    ? { text, isCut: false }
    : { text: characters.slice(0, max).join(''), isCut: true };
}

/** JSON over several lines, in which everything shows: what does not is written as JSON's escape. */
export function visibleJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2) ?? '';
  return text.replace(/(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
