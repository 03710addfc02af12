/** Whether a sealed model may still speak: stale inputs and expired models give no signal, with the reason. */
import type { ModelManifest } from '#contract/model-manifest';

const DAY_MS = 86_400_000;
const MOST_STALE_DAYS = 1;

/**
 * @param date last day that the inputs know
 * @param asOf today; undefined where history is looked at
 * @returns why there is no signal, or null
 */
export function noSignalReason(
  { trained, validFor }: Pick<ModelManifest, 'trained' | 'validFor'>,
  date: string,
  asOf: string | undefined,
): string | null {
  if (date < trained.cutoff)
    return `the inputs of ${date} lie before the cut-off ${trained.cutoff}: the model has seen them`;
  const age = weekdaysBetween(trained.cutoff, date);
  if (age > validFor)
    return `the model expired: it speaks for ${validFor} trading days after ${trained.cutoff}, ${date} is day ${age}`;
  if (asOf === undefined) return null;
  const late = weekdaysBetween(date, asOf);
  return late > MOST_STALE_DAYS
    ? `the inputs are stale: they end on ${date}, ${late} trading days before ${asOf}`
    : null;
}

/** Monday to Friday, holidays included: never fewer than the trading days between two ISO days, so that a doubt is no signal. */
export function weekdaysBetween(from: string, to: string): number {
  const [first, last] = [Date.parse(from) / DAY_MS, Date.parse(to) / DAY_MS];
  let count = 0;
  for (let day = first + 1; day <= last; day++) {
    const weekday = (((day + 4) % 7) + 7) % 7;
    if (weekday !== 0 && weekday !== 6) count++;
  }
  return count;
}
