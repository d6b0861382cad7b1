import { describe, expect, test } from 'vitest';

import { decodeBase64Url, encodeBase64Url } from './base64url';

describe('base64url', () => {
  test('writes bytes as Node does, whatever their number', () => {
    for (let length = 0; length < 70; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, at) => (at * 37 + 250) % 256);
      const text = encodeBase64Url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64url'));
      expect(decodeBase64Url(text)).toEqual(bytes);
    }
  });

  test('is read in its own alphabet only, without padding', () => {
    expect(decodeBase64Url('-_-_')).not.toBeNull();
    for (const text of ['+_-_', '-/-_', 'YQ==', 'YQ=', 'Y Q', 'YQ\n', 'Y', 'YWJjY', 'é']) {
      expect(decodeBase64Url(text), text).toBeNull();
    }
  });
});
