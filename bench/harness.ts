/**
 * Timing for the benchmarks: medians of interleaved rounds, so that a machine whose speed drifts moves both sides of a ratio alike.
 * Results go to stdout and, as one JSON line each, to the file named by SEXTANT_BENCH_OUT.
 */
import { appendFileSync } from 'node:fs';

export interface Contender {
  readonly name: string;
  run(): unknown;
}

export interface Timing {
  readonly name: string;
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
}

export interface BenchOptions {
  /** What is timed, with its size: `covariance 2,520 × 500`. */
  readonly job: string;
  /** Goal in ms, if there is one. */
  readonly goalMs?: number;
  readonly rounds?: number;
  readonly warmups?: number;
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Times every contender in turn, round by round; the first one is the subject, the others its references. */
export async function bench(options: BenchOptions, contenders: readonly Contender[]): Promise<readonly Timing[]> {
  const { rounds = 7, warmups = 1 } = options;
  const times = contenders.map((): number[] => []);
  for (let round = -warmups; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      const start = performance.now();
      await contender.run();
      if (round >= 0) times[i].push(performance.now() - start);
    }
  }
  const timings = contenders.map(({ name }, i) => ({
    name,
    medianMs: median(times[i]),
    minMs: Math.min(...times[i]),
    maxMs: Math.max(...times[i]),
  }));
  report(options, timings);
  return timings;
}

function report({ job, goalMs }: BenchOptions, timings: readonly Timing[]): void {
  const subject = timings[0];
  for (const timing of timings) {
    const ratio =
      timing === subject ? '' : `, ${(timing.medianMs / subject.medianMs).toFixed(2)} × the time of ${subject.name}`;
    const goal = timing === subject && goalMs !== undefined ? `, goal ${goalMs} ms` : '';
    console.log(
      `${job} | ${timing.name}: ${timing.medianMs.toFixed(2)} ms (${timing.minMs.toFixed(2)} … ${timing.maxMs.toFixed(2)})${goal}${ratio}`,
    );
  }
  const file = process.env['SEXTANT_BENCH_OUT'];
  if (file) appendFileSync(file, JSON.stringify({ job, goalMs, timings }) + '\n');
}
