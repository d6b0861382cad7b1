import { describe, expect, it } from 'vitest';
import type { Figures } from '../api/types';
import { extend, kSamplesMax, sampleBetween } from './figures';

function figures(user: number, refused: Record<string, number> = {}): Figures {
  return {
    connections: 7,
    users_online: 5,
    accepted: { user, server: 0, guest: 0, anonymous: 0 },
    refused,
    without_iat: 0,
    developer_tokens: 0,
  };
}

describe('two readings of the counters', () => {
  it('make rates a second', () => {
    const sample = sampleBetween(
      { at: 10_000, figures: figures(100, { expired: 1 }) },
      { at: 12_000, figures: figures(150, { expired: 2, missing: 3 }) },
    );
    expect(sample).toMatchObject({ at: 12_000, connections: 7, usersOnline: 5, refused: 2 });
    expect(sample?.accepted.user).toBe(25);
  });

  it('say nothing where no time has passed', () => {
    const reading = { at: 10_000, figures: figures(100) };
    expect(sampleBetween(reading, reading)).toBeNull();
    expect(sampleBetween(reading, { ...reading, at: 10_001 })).not.toBeNull();
  });

  it('count from zero where the server has started anew between them', () => {
    const sample = sampleBetween(
      { at: 1000, figures: figures(500) },
      { at: 2000, figures: figures(3) },
    );
    expect(sample?.accepted.user).toBe(3);
  });
});

describe('a history', () => {
  it('begins without a sample, for one reading is no rate', () => {
    expect(extend(undefined, 1000, figures(1)).samples).toEqual([]);
  });

  it('keeps so many samples and no more', () => {
    let history = extend(undefined, 0, figures(0));
    for (let i = 1; i <= kSamplesMax; i++) history = extend(history, i * 1000, figures(i));
    expect(history.samples).toHaveLength(kSamplesMax);
    history = extend(history, (kSamplesMax + 1) * 1000, figures(kSamplesMax + 1));
    expect(history.samples).toHaveLength(kSamplesMax);
    expect(history.samples[0]?.at).toBe(2000);
  });
});
