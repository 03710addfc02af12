/**
 * The use of the card's memory while a job runs, kept small: at most 720 points, whose step doubles when they would be more. A point is
 * the largest value that was known within its step.
 */
import type { VramSeries, VramState } from '#contract/vram';

const MOST_POINTS = 720;

type Points = (number | null)[];

export class VramRecorder {
  readonly #startedAt: number;
  readonly #alerts: number[] = [];
  #stepSeconds = 1;
  #budget = 0;
  #used: Points = [];
  #own: Points = [];

  /** @param startedAt UTC milliseconds */
  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  /** Whether there is anything worth keeping. */
  get isEmpty(): boolean {
    return this.#used.every((value) => value === null);
  }

  add(at: number, { usedBytes, ownBytes, budgetBytes }: VramState): void {
    const seconds = Math.max(0, (at - this.#startedAt) / 1000);
    while (Math.floor(seconds / this.#stepSeconds) >= MOST_POINTS) {
      this.#stepSeconds *= 2;
      this.#used = halved(this.#used);
      this.#own = halved(this.#own);
    }
    const point = Math.floor(seconds / this.#stepSeconds);
    put(this.#used, point, usedBytes);
    put(this.#own, point, ownBytes);
    this.#budget = budgetBytes;
  }

  alert(at: number): void {
    this.#alerts.push(at);
  }

  series(): VramSeries {
    return {
      budgetBytes: this.#budget,
      startedAt: new Date(this.#startedAt).toISOString(),
      stepSeconds: this.#stepSeconds,
      usedBytes: [...this.#used],
      ownBytes: [...this.#own],
      alerts: this.#alerts.map((at) => new Date(at).toISOString()),
    };
  }
}

function put(points: Points, point: number, value: number | null): void {
  while (points.length <= point) points.push(null);
  points[point] = larger(points[point], value);
}

function halved(points: Points): Points {
  return Array.from({ length: Math.ceil(points.length / 2) }, (_, i) =>
    larger(points[2 * i], points[2 * i + 1] ?? null),
  );
}

function larger(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
