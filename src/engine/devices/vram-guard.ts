/**
 * Decides by the card's memory: what is known, whether a job may start, when to warn. No clock, no process: readings come in with
 * their time, so that thousands of traces can be played through it.
 *
 * - A reading that is missing, negative, larger than the card or older than 3 s is unknown, and unknown admits nothing.
 * - One alert per crossing of 90 % of the budget; the next only after use was seen below 85 %.
 */
import { VRAM_ALERT_SHARE, VRAM_BUDGET_BYTES, VRAM_CLEAR_SHARE, type VramState } from '#contract/vram';

/** Readings older than this say nothing about now. */
export const STALE_MS = 3000;
/** Kept free beside what a job says that it needs: drivers and fragmentation take some. */
export const RESERVE_BYTES = 256 * 2 ** 20;

/** What a sensor said; any number may be nonsense. */
export interface VramReading {
  readonly usedBytes: number;
  readonly totalBytes: number;
  /** By processes that the sensor knows to be ours; null where it cannot tell. */
  readonly ownBytes: number | null;
}

/** No reading: why, and whether there is a sensor at all. */
export interface NoReading {
  readonly reason: string;
  readonly hasSensor: boolean;
}

export type VramEvent =
  | { readonly type: 'alert'; readonly usedBytes: number; readonly budgetBytes: number }
  | { readonly type: 'cleared'; readonly usedBytes: number; readonly budgetBytes: number }
  /** Use is above the budget: the youngest job is to give way. Told at every such reading. */
  | { readonly type: 'over-budget'; readonly usedBytes: number; readonly budgetBytes: number };

export class VramGuard {
  readonly #statedBudget: number;
  #known: { readonly at: number; readonly reading: VramReading } | null = null;
  #unknown: NoReading = { reason: 'The memory of the card has not been read yet.', hasSensor: true };
  #alert = false;

  constructor(budgetBytes: number = VRAM_BUDGET_BYTES) {
    this.#statedBudget = budgetBytes;
  }

  /** Takes a reading made at `at` (milliseconds, any origin). @returns what follows from it, now */
  observe(at: number, reading: VramReading | NoReading): readonly VramEvent[] {
    const problem = 'reason' in reading ? reading.reason : absurdity(reading);
    if ('reason' in reading || problem !== null) {
      this.#unknown = { reason: problem ?? '', hasSensor: !('reason' in reading) || reading.hasSensor };
      this.#known = null;
      return [];
    }
    // A reading that was overtaken by a newer one is as good as stale.
    if (this.#known !== null && at < this.#known.at) return [];
    this.#known = { at, reading };
    const { usedBytes } = reading;
    const budgetBytes = this.#budget(reading);
    const events: VramEvent[] = [];
    if (!this.#alert && usedBytes >= VRAM_ALERT_SHARE * budgetBytes) {
      this.#alert = true;
      events.push({ type: 'alert', usedBytes, budgetBytes });
    } else if (this.#alert && usedBytes < VRAM_CLEAR_SHARE * budgetBytes) {
      this.#alert = false;
      events.push({ type: 'cleared', usedBytes, budgetBytes });
    }
    if (usedBytes > budgetBytes) events.push({ type: 'over-budget', usedBytes, budgetBytes });
    return events;
  }

  /** What may be said at `at`. `reported`: what our jobs say they hold, in bytes. */
  state(at: number, reported: number): VramState {
    const reading = this.#current(at);
    if ('reason' in reading) {
      return {
        usedBytes: null,
        ownBytes: null,
        foreignBytes: null,
        totalBytes: null,
        budgetBytes: this.#statedBudget,
        isAlert: this.#alert,
        reason: reading.reason,
      };
    }
    const { usedBytes, totalBytes } = reading;
    const ownBytes = Math.min(usedBytes, Math.max(reading.ownBytes ?? 0, reported));
    return {
      usedBytes,
      ownBytes,
      foreignBytes: usedBytes - ownBytes,
      totalBytes,
      budgetBytes: this.#budget(reading),
      isAlert: this.#alert,
      reason: null,
    };
  }

  /**
   * Why a job that needs so many bytes may not start now; null where it may. Where no sensor exists on the machine, the job's own
   * need decides alone: other programs cannot be seen, and waiting would never end.
   */
  refusal(at: number, neededBytes: number): string | null {
    const reading = this.#current(at);
    if (!(neededBytes >= 0)) return 'The memory that the job needs is not known.';
    if ('reason' in reading) {
      if (reading.hasSensor) return `The memory in use on the card is unknown: ${reading.reason}`;
      const fits = neededBytes + RESERVE_BYTES <= this.#statedBudget;
      return fits ? null : tooMuch(neededBytes, 0, this.#statedBudget);
    }
    const budget = this.#budget(reading);
    if (this.#alert) {
      return `The card is at ${percent(reading.usedBytes / budget)} of its budget; jobs start again below ${percent(VRAM_CLEAR_SHARE)}.`;
    }
    if (reading.usedBytes + neededBytes + RESERVE_BYTES > budget)
      return tooMuch(neededBytes, reading.usedBytes, budget);
    return null;
  }

  /** What a job may plan to hold at `at`: the most that `refusal` admits. Nothing where use is unknown although it could be read. */
  freeBytes(at: number): number {
    const reading = this.#current(at);
    if ('reason' in reading) return reading.hasSensor ? 0 : this.#statedBudget - RESERVE_BYTES;
    return Math.max(0, this.#budget(reading) - reading.usedBytes - RESERVE_BYTES);
  }

  #current(at: number): VramReading | NoReading {
    if (this.#known === null) return this.#unknown;
    const age = at - this.#known.at;
    if (age <= STALE_MS) return this.#known.reading;
    return { reason: `The last reading is ${Math.round(age / 1000)} s old.`, hasSensor: true };
  }

  #budget({ totalBytes }: VramReading): number {
    return Math.min(this.#statedBudget, totalBytes);
  }
}

/** What is impossible about a reading; null where nothing is. */
function absurdity({ usedBytes, totalBytes }: VramReading): string | null {
  if (!Number.isFinite(totalBytes) || totalBytes <= 0)
    return `The sensor gave ${totalBytes} bytes as the size of the card.`;
  if (!Number.isFinite(usedBytes) || usedBytes < 0) return `The sensor gave ${usedBytes} bytes in use.`;
  if (usedBytes > totalBytes) return `The sensor gave ${gib(usedBytes)} in use on a card of ${gib(totalBytes)}.`;
  return null;
}

function tooMuch(needed: number, used: number, budget: number): string {
  return (
    `The job needs ${gib(needed)} and ${gib(RESERVE_BYTES)} in reserve; ${gib(used)} of ${gib(budget)} are in use. ` +
    'Close other programs that use the card, or make the job smaller.'
  );
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
