import { describe, expect, test } from 'vitest';

import { cut, piecesOf, visibleJson, visibleText } from './visible';

describe('a text of anybody’s', () => {
  test('stays as it is where all of it shows', () => {
    for (const text of ['', 'john', '<b>bold</b>', 'Ω≈ç√', '田中さん', 'שלום', 'a\u0301', '👩‍👩‍👧', 'می‌خواهم', 'a\u00a0b']) {
      expect(visibleText(text)).toBe(text);
    }
  });

  test('shows its controls and what turns the direction of text', () => {
    expect(visibleText('a\u202eb')).toBe('a⟨U+202E⟩b');
    expect(visibleText('\u0000\n\u001b[31m\u007f\u0085')).toBe('⟨U+0000⟩⟨U+000A⟩⟨U+001B⟩[31m⟨U+007F⟩⟨U+0085⟩');
    expect(visibleText('\u2066\u2069\u200b\ufeff\u2028\u{e0041}')).toBe(
      '⟨U+2066⟩⟨U+2069⟩⟨U+200B⟩⟨U+FEFF⟩⟨U+2028⟩⟨U+E0041⟩',
    );
    expect(visibleText('\ud83d')).toBe('⟨U+D83D⟩');
    expect(visibleText('\ud83d\udd11')).toBe('🔑');
  });

  test('names what has a name', () => {
    expect(piecesOf('a\u202e\u0001')).toEqual([
      { text: 'a' },
      { unseen: 'U+202E', name: 'right-to-left override' },
      { unseen: 'U+0001', name: 'does not show' },
    ]);
  });

  test('is cut between characters, not within one', () => {
    expect(cut('abc', 3)).toEqual({ text: 'abc', isCut: false });
    expect(cut('abcd', 3)).toEqual({ text: 'abc', isCut: true });
    expect(cut('🔑🔑🔑', 3)).toEqual({ text: '🔑🔑🔑', isCut: false });
    expect(cut('🔑🔑🔑🔑', 3)).toEqual({ text: '🔑🔑🔑', isCut: true });
    expect(cut('a'.repeat(1_000_000), 3).text).toBe('aaa');
  });

  test('as JSON reads back as it was', () => {
    const value = { 'a\u202e': ['\u0000\n', '👩‍👩‍👧', '\u{e0041}', '\ud83d', null, 1.5] };
    const text = visibleJson(value);
    expect(JSON.parse(text)).toEqual(value);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e\u{e0041}]/u);
    expect(visibleJson(undefined)).toBe('');
  });
});
