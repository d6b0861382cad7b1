import type { Figures, Kind } from '../api/types';

/** One second of an App's life, as charts draw it. */
export interface Sample {
  /** Milliseconds since 1970, by the server's clock. */
  at: number;
  connections: number;
  usersOnline: number;
  /** Decisions a second since the sample before. */
  accepted: Record<Kind, number>;
  refused: number;
}

/** How many samples are kept: five minutes of one a second. */
export const kSamplesMax = 300;

const kKinds: readonly Kind[] = ['user', 'server', 'guest', 'anonymous'];

export function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** A counter starts from zero again with its server; what it shows then is all that has happened since. */
function growth(before: number, after: number): number {
  return after >= before ? after - before : after;
}

/**
 * What happened between two readings of the counters, as rates. Null where no time has passed: two readings of one
 * instant say nothing about a rate.
 */
export function sampleBetween(
  before: { at: number; figures: Figures },
  after: { at: number; figures: Figures },
): Sample | null {
  const seconds = (after.at - before.at) / 1000;
  if (seconds <= 0) return null;
  const accepted = {} as Record<Kind, number>;
  for (const kind of kKinds) {
    accepted[kind] =
      growth(before.figures.accepted[kind], after.figures.accepted[kind]) / seconds;
  }
  return {
    at: after.at,
    connections: after.figures.connections,
    usersOnline: after.figures.users_online,
    accepted,
    refused: growth(sum(before.figures.refused), sum(after.figures.refused)) / seconds,
  };
}

/** The last readings of one App. A new object for each reading, so that React sees the change. */
export interface History {
  at: number;
  figures: Figures;
  samples: readonly Sample[];
}

export function extend(history: History | undefined, at: number, figures: Figures): History {
  if (history === undefined) return { at, figures, samples: [] };
  const sample = sampleBetween(history, { at, figures });
  if (sample === null) return { ...history, figures };
  return { at, figures, samples: [...history.samples, sample].slice(-kSamplesMax) };
}
