import { describe, expect, it } from 'vitest';
import { areaPath, nearest, niceCeiling, peakIndex, stack } from './chart-math';

describe('the top of an axis', () => {
  it('is the next round number', () => {
    expect([0.3, 1, 1.1, 2.2, 3, 7, 12, 260].map(niceCeiling)).toEqual([
      0.5, 1, 2, 2.5, 5, 10, 20, 500,
    ]);
  });

  it('is one where there is nothing to show', () => {
    expect(niceCeiling(0)).toBe(1);
    expect(niceCeiling(Number.NaN)).toBe(1);
  });
});

it('finds the peak where there is one', () => {
  expect(peakIndex([1, 5, 2, 5])).toBe(1);
  expect(peakIndex([0, 0])).toBe(-1);
  expect(peakIndex([])).toBe(-1);
});

it('stacks each series on those before it', () => {
  expect(stack([[1, 2], [3, 4], [0, 5]])).toEqual([
    { low: [0, 0], high: [1, 2] },
    { low: [1, 2], high: [4, 6] },
    { low: [4, 6], high: [4, 11] },
  ]);
  expect(stack([])).toEqual([]);
});

it('draws an area along its upper edge and back along the lower', () => {
  expect(areaPath([0, 10], [5, 5], [1, 2])).toBe('M0,1L10,2L10,5L0,5Z');
  expect(areaPath([], [], [])).toBe('');
});

it('finds the moment nearest to the pointer', () => {
  expect(nearest([10, 20, 30], 24)).toBe(1);
  expect(nearest([10, 20, 30], 26)).toBe(2);
  expect(nearest([10, 20, 30], -5)).toBe(0);
  expect(nearest([], 3)).toBe(-1);
});
