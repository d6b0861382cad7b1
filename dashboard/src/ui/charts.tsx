import { useEffect, useId, useRef, useState, type PointerEvent } from 'react';
import { areaPath, linePath, nearest, niceCeiling, stack } from './chart-math';
import { formatCompact, formatNumber, formatTime } from './format';

export interface Series {
  name: string;
  /** Chooses the colour: `series-` and this is a class of styles/charts.css. */
  look: 'user' | 'server' | 'guest' | 'anonymous' | 'refused';
  values: readonly number[];
}

const kHeight = 200;
const kPad = { top: 10, right: 8, bottom: 24, left: 40 };

/** The width that the page gives to an element, in pixels. */
function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.max(200, Math.round(entry.contentRect.width)));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
}

/**
 * Values over time, stacked. The window is as long as `windowS` and ends at the newest value; what of it lies before
 * the first is marked as `unknown`. Pointing at it, or the arrow keys, show the values of one moment, and the keys
 * have them read out too; `summary` says in words what the drawing shows.
 */
export function AreaChart({
  label,
  summary,
  times,
  series,
  windowS,
  unit,
  unknown,
}: {
  label: string;
  summary: string;
  /** Milliseconds since 1970, going up. */
  times: readonly number[];
  series: readonly Series[];
  windowS: number;
  /** Behind a value in words: `per second`. */
  unit: string;
  /** Why there is nothing before the first value: `before this page was opened`. */
  unknown: string;
}) {
  const { ref, width } = useWidth();
  const [marked, setMarked] = useState<number | null>(null);
  /** Only who goes by keys is told: the pointer passes too many values. */
  const [isTold, setIsTold] = useState(false);
  const id = useId();
  const last = times[times.length - 1] ?? 0;
  const first = last - windowS * 1000;
  const inner = { width: width - kPad.left - kPad.right, height: kHeight - kPad.top - kPad.bottom };
  const layers = stack(series.map((one) => one.values));
  const top = niceCeiling(Math.max(0, ...(layers[layers.length - 1]?.high ?? [])));
  const x = (time: number) => kPad.left + ((time - first) / (windowS * 1000)) * inner.width;
  const y = (value: number) => kPad.top + (1 - value / top) * inner.height;
  const xs = times.map(x);
  const at = marked === null ? -1 : nearest(times, marked);
  const markedTime = times[at];
  const knownFrom = Math.max(kPad.left, xs[0] ?? kPad.left);

  const point = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setIsTold(false);
    setMarked(first + ((event.clientX - box.left - kPad.left) / inner.width) * windowS * 1000);
  };
  const step = (by: number) => {
    const next = at < 0 ? times.length - 1 : Math.min(times.length - 1, Math.max(0, at + by));
    setIsTold(true);
    setMarked(times[next] ?? null);
  };

  return (
    <div className="chart" ref={ref}>
      <svg
        width={width}
        height={kHeight}
        viewBox={`0 0 ${width} ${kHeight}`}
        role="img"
        aria-label={`${label}. ${summary}`}
        aria-describedby={id}
        tabIndex={0}
        onPointerMove={point}
        onPointerLeave={() => setMarked(null)}
        onBlur={() => setMarked(null)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowLeft') step(-1);
          else if (event.key === 'ArrowRight') step(1);
          else return;
          event.preventDefault();
        }}
      >
        {/* Not for the second that two samples are apart. */}
        {knownFrom > kPad.left + 4 && (
          <g>
            <rect
              className="chart-unknown"
              x={kPad.left}
              y={kPad.top}
              width={knownFrom - kPad.left}
              height={inner.height}
            />
            {knownFrom - kPad.left > 170 && (
              <text
                className="chart-text"
                x={(kPad.left + knownFrom) / 2}
                y={kPad.top + inner.height / 4 + 4}
                textAnchor="middle"
              >
                {unknown}
              </text>
            )}
          </g>
        )}
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line
              className="chart-grid"
              x1={kPad.left}
              x2={width - kPad.right}
              y1={y(top * part)}
              y2={y(top * part)}
            />
            <text className="chart-text" x={kPad.left - 8} y={y(top * part) + 4} textAnchor="end">
              {formatCompact(top * part)}
            </text>
          </g>
        ))}
        {minuteMarks(windowS, inner.width).map((minutes) => (
          <text
            key={minutes}
            className="chart-text"
            x={x(last - minutes * 60_000)}
            y={kHeight - 6}
            textAnchor={minutes === 0 ? 'end' : minutes * 60 === windowS ? 'start' : 'middle'}
          >
            {minutes === 0 ? 'now' : `−${minutes} min`}
          </text>
        ))}
        {layers.map((layer, i) => {
          const one = series[i];
          if (!one) return null;
          const high = layer.high.map(y);
          return (
            <g key={one.name} className={`series-${one.look}`}>
              <path className="chart-area" d={areaPath(xs, layer.low.map(y), high)} />
              {one.values.some((value) => value > 0) && (
                <path className="chart-line" d={linePath(xs, high)} />
              )}
            </g>
          );
        })}
        {markedTime !== undefined && (
          <line
            className="chart-mark"
            x1={x(markedTime)}
            x2={x(markedTime)}
            y1={kPad.top}
            y2={kPad.top + inner.height}
          />
        )}
      </svg>
      <ul className="chart-legend" id={id}>
        {series.map((one) => (
          <li key={one.name} className={`series-${one.look}`}>
            <span className="chart-swatch" aria-hidden="true" />
            {one.name}{' '}
            <strong className="number">
              {formatCompact(one.values[at >= 0 ? at : one.values.length - 1] ?? 0)}
            </strong>
          </li>
        ))}
        <li className="chart-unit">
          {unit}
          {markedTime !== undefined && (
            <>
              {' '}
              at <time>{formatTime(markedTime)}</time>
            </>
          )}
        </li>
      </ul>
      <p className="visually-hidden" role="status">
        {isTold &&
          markedTime !== undefined &&
          `${formatTime(markedTime)}: ${series
            .map((one) => `${one.name} ${formatCompact(one.values[at] ?? 0)}`)
            .join(', ')} ${unit}`}
      </p>
    </div>
  );
}

/** Which minutes the axis names: all where there is room for their words, else the ends. */
function minuteMarks(windowS: number, width: number): number[] {
  const whole = Math.floor(windowS / 60);
  const all = Array.from({ length: whole + 1 }, (_, minutes) => minutes);
  return width / whole >= 60 ? all : [0, whole];
}

/** A small line without axes, for a figure beside it. */
export function Sparkline({ values, look }: { values: readonly number[]; look: Series['look'] }) {
  const width = 200;
  const height = 28;
  const top = Math.max(1, ...values);
  const xs = values.map((_, i) => width - (values.length - 1 - i) * (width / 59));
  const ys = values.map((value) => height - 2 - (value / top) * (height - 4));
  return (
    <svg
      className={`sparkline series-${look}`}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path className="chart-area" d={areaPath(xs, xs.map(() => height), ys)} />
      <path className="chart-line" d={linePath(xs, ys)} />
    </svg>
  );
}

/** Amounts side by side, the largest first, each with what it means. */
export function BarList({
  label,
  items,
}: {
  label: string;
  items: readonly { key: string; name: string; meaning?: string; value: number }[];
}) {
  const top = Math.max(1, ...items.map((item) => item.value));
  return (
    <ul className="bars" aria-label={label}>
      {items.map((item) => (
        <li key={item.key}>
          <div className="bars-head">
            <span className="bars-name">{item.name}</span>
            <strong className="number">{formatNumber(item.value)}</strong>
          </div>
          <div className="bars-track" aria-hidden="true">
            <div className="bars-fill" style={{ width: `${(item.value / top) * 100}%` }} />
          </div>
          {item.meaning && <p className="field-hint">{item.meaning}</p>}
        </li>
      ))}
    </ul>
  );
}
