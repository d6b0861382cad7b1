/** The next number upwards that looks good at the top of an axis: 1, 2, 2.5 or 5 times a power of ten. */
export function niceCeiling(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 2.5, 5]) {
    if (value <= step * power * (1 + 1e-9)) return step * power;
  }
  return 10 * power;
}

/** For each series its lower and upper edge, one on top of the other. All are of one length. */
export function stack(series: readonly (readonly number[])[]): { low: number[]; high: number[] }[] {
  const length = series[0]?.length ?? 0;
  let below = new Array<number>(length).fill(0);
  return series.map((values) => {
    const low = below;
    const high = low.map((base, i) => base + (values[i] ?? 0));
    below = high;
    return { low, high };
  });
}

/** SVG path of the area between two edges. */
export function areaPath(xs: readonly number[], low: readonly number[], high: readonly number[]): string {
  if (xs.length === 0) return '';
  const up = xs.map((x, i) => `${round(x)},${round(high[i] ?? 0)}`);
  const down = xs.map((x, i) => `${round(x)},${round(low[i] ?? 0)}`).reverse();
  return `M${up.join('L')}L${down.join('L')}Z`;
}

export function linePath(xs: readonly number[], ys: readonly number[]): string {
  return xs.length === 0 ? '' : `M${xs.map((x, i) => `${round(x)},${round(ys[i] ?? 0)}`).join('L')}`;
}

/** The index of the value that lies nearest to `wanted`, in a list that goes up; -1 in an empty one. */
export function nearest(values: readonly number[], wanted: number): number {
  let best = -1;
  values.forEach((value, i) => {
    if (best < 0 || Math.abs(value - wanted) < Math.abs((values[best] ?? 0) - wanted)) best = i;
  });
  return best;
}

/** The first index of the largest value; -1 where none is above zero. */
export function peakIndex(values: readonly number[]): number {
  let best = -1;
  values.forEach((value, i) => {
    if (value > (values[best] ?? 0)) best = i;
  });
  return best;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
