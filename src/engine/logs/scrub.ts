/**
 * Takes secrets out of what is about to be logged, by the name of the field and by the form of the text. It is the second net: nobody hands
 * a secret to a log on purpose. What is left is plain JSON of bounded size.
 */
import { homedir } from 'node:os';

const REDACTED = '[redacted]';
const MOST_TEXT = 8_192;
const MOST_ITEMS = 100;
const MOST_DEPTH = 6;

const SECRET_NAME =
  /(^|[a-z0-9._-])(key|keys|passphrases?|passwords?|tokens?|secrets?|authorization|cookies?|credentials?|words|recovery)$/i;

/** What secrets of this program and its surroundings look like, whatever stands around them. */
const SECRET_FORMS: readonly RegExp[] = [
  // 32 bytes in hexadecimal: workspace keys, seals. Hashes look the same, and are not missed in a log.
  /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/gi,
  // 32 bytes in base64url or base64: API tokens.
  /(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{43}(?![\w-])/g,
  /(?<![\w+/])[A-Za-z0-9+/]{43}=/g,
  // A recovery key: 8 groups of 7 characters of Crockford's base 32.
  /\b[0-9A-Z]{7}(?:[\s-][0-9A-Z]{7}){7}\b/gi,
  // Twelve or more short words in a row, as recovery phrases are written.
  /\b[a-z]{3,8}(?: [a-z]{3,8}){11,23}\b(?![\w,.;:])/g,
  /\b(?:Bearer|Basic)\s+[\w.~+/=-]{8,}/gi,
  /\bwhsec_[\w+/=-]+/g,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  /(?<=:\/\/)[^\s/@:]+:[^\s/@]+(?=@)/g,
  /(?<=\b(?:token|passphrase|password|secret|api[_-]?key|SEXTANT_KEY|SEXTANT_PASSPHRASE)["']?\s*[=:]\s*["']?)[^\s"'&,;]+/gi,
];

/** One text without secrets, with `~` for the home folder. */
export function scrubText(text: string): string {
  let clean = text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
  for (const form of SECRET_FORMS) clean = clean.replace(form, REDACTED);
  const home = homedir();
  return home.length > 1 ? clean.replaceAll(home, '~') : clean;
}

/** Any value as plain JSON without secrets. Never throws. */
export function scrub(value: unknown, name = '', depth = 0): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (SECRET_NAME.test(name)) return REDACTED;
  if (typeof value === 'string') return scrubText(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Error) return scrubText(value.stack ?? value.message);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (depth >= MOST_DEPTH) return '[…]';
  if (Array.isArray(value)) return value.slice(0, MOST_ITEMS).map((item) => scrub(item, name, depth + 1));
  try {
    const entries = Object.entries(value).slice(0, MOST_ITEMS);
    return Object.fromEntries(entries.map(([key, item]) => [scrubText(key), scrub(item, key, depth + 1)]));
  } catch {
    return '[unreadable]';
  }
}
