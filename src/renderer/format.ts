/**
 * How numbers, dates and durations are written on screen: true minus sign, unit after a thin space, never NaN.
 * Every function takes null and gives an en dash for it; whoever shows the dash also shows the reason.
 */

export const DASH = '–';
const MINUS = '−';
const THIN = '\u202f';

const signOf = (value: number, always: boolean) => (value < 0 ? MINUS : always && value > 0 ? '+' : '');

function absent(value: number | null | undefined): value is null | undefined {
  return value === null || value === undefined || !Number.isFinite(value);
}

/** A ratio or plain number with fixed decimals. */
export function decimal(value: number | null | undefined, digits = 2, sign = false): string {
  if (absent(value)) return DASH;
  const text = Math.abs(value).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return Number(text) === 0 ? text : signOf(value, sign) + text;
}

/** A fraction as percent. */
export function percent(value: number | null | undefined, digits = 1, sign = false): string {
  return absent(value) ? DASH : `${decimal(value * 100, digits, sign)}${THIN}%`;
}

/** A number whose kind is not known: whole numbers without decimals, others with four. */
export const plain = (value: number | null | undefined) =>
  Number.isInteger(value) ? integer(value) : decimal(value, 4);

export function integer(value: number | null | undefined): string {
  return absent(value) ? DASH : signOf(value, false) + Math.abs(Math.round(value)).toLocaleString('en-US');
}

/** p-values and probabilities: three decimals, the extremes as bounds. */
export function probability(value: number | null | undefined): string {
  if (absent(value)) return DASH;
  if (value > 0 && value < 0.001) return '< 0.001';
  if (value < 1 && value > 0.999) return '> 0.999';
  return decimal(value, 3);
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function bytes(value: number | null | undefined): string {
  if (absent(value)) return DASH;
  const step = value < 1 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), BYTE_UNITS.length - 1);
  return `${decimal(value / 1024 ** step, step === 0 ? 0 : 1)}${THIN}${BYTE_UNITS[step]}`;
}

/** Milliseconds as a clock: 02:10, 1:02:10; below ten seconds with a decimal. */
export function duration(ms: number | null | undefined): string {
  if (absent(ms)) return DASH;
  const seconds = ms / 1000;
  if (seconds < 10) return `${decimal(seconds, 1)}${THIN}s`;
  const whole = Math.round(seconds);
  const two = (part: number) => String(part).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const tail = `${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  return hours === 0 ? tail : `${hours}:${tail}`;
}

/** An instant as local ISO date and minute. */
export function instant(iso: string | null | undefined): string {
  if (iso === null || iso === undefined) return DASH;
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return DASH;
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

export function ago(iso: string, now: number): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return RELATIVE.format(Math.round(seconds / length), unit);
  }
  return 'just now';
}

/** A run's name with its long identifier cut to the end that tells two apart. */
export const shortName = (name: string) => name.replace(/-[0-9A-HJKMNP-TV-Z]{22}([0-9A-HJKMNP-TV-Z]{4})$/, '-…$1');

/** Files handed over by the browser carry an identifier before their name; people know them without it. */
export const sourceText = (text: string) => text.replaceAll(/\b[0-9A-HJKMNP-TV-Z]{26}-(?=\S)/g, '');

/** `elastic_net`, `max-drawdown` → words. */
export function words(id: string): string {
  const text = id
    .replaceAll(/[_-]+/g, ' ')
    .replaceAll(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
    .trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${integer(count)} ${count === 1 ? one : many}`;
}
