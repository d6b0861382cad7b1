import { expect, test } from 'vitest';

import { drawQrCode, kQrBytesMax } from './qr';

test('a token becomes a code as small as it can be', () => {
  // Version 1 has 21 squares a side and takes 17 bytes at this level; version 2 has 25.
  expect(drawQrCode('a'.repeat(17))?.size).toBe(21 + 8);
  expect(drawQrCode('a'.repeat(18))?.size).toBe(25 + 8);
  // The upper left finder: seven squares in a row, behind the quiet zone.
  expect(drawQrCode('a')?.path.startsWith('M4 4h7v1h-7z')).toBe(true);
});

test('a text that is too long has none', () => {
  expect(drawQrCode('a'.repeat(kQrBytesMax))?.size).toBe(177 + 8);
  expect(drawQrCode('a'.repeat(kQrBytesMax + 1))).toBeNull();
});
