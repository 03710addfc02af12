/**
 * FIX 4.4 messages as text: tag=value fields between SOH, with BodyLength (9) and CheckSum (10) computed and checked (FIX 4.4 vol. 1, "Message format").
 * A garbled message is left out, as the standard asks: the gap it leaves is noticed by its number and asked for again.
 */

export const SOH = '\u0001';
export const BEGIN = 'FIX.4.4';

export type Field = readonly [tag: number, value: string];

export interface FixMessage {
  readonly type: string;
  readonly fields: readonly Field[];
  /** First value of a tag; undefined where it is not there. */
  get(tag: number): string | undefined;
}

const MOST_BYTES = 1_000_000;

function checksum(text: string): string {
  let sum = 0;
  for (const byte of Buffer.from(text, 'latin1')) sum += byte;
  return String(sum % 256).padStart(3, '0');
}

/** A value cannot hold what separates fields. */
const clean = (value: string): string => value.replaceAll(/[\u0000-\u001f\u007f-\uffff]/g, '?'); // oxlint-disable-line no-control-regex

/** @param fields from tag 35 on, in the order in which they are written */
export function encode(fields: readonly Field[]): string {
  const body = fields.map(([tag, value]) => `${tag}=${clean(value)}${SOH}`).join('');
  const head = `8=${BEGIN}${SOH}9=${body.length}${SOH}`;
  return `${head}${body}10=${checksum(head + body)}${SOH}`;
}

/** Null for text that is not one whole message with the right length and sum. */
export function decode(text: string): FixMessage | null {
  const parts = text.split(SOH);
  if (parts.pop() !== '') return null;
  const fields: Field[] = [];
  for (const part of parts) {
    const at = part.indexOf('=');
    const tag = Number(part.slice(0, at));
    if (at < 1 || !Number.isInteger(tag) || tag < 1) return null;
    fields.push([tag, part.slice(at + 1)]);
  }
  const [begin, length, type] = fields;
  const last = fields.at(-1);
  if (begin?.[0] !== 8 || begin[1] !== BEGIN || length?.[0] !== 9 || type?.[0] !== 35 || last?.[0] !== 10) return null;
  const start = text.indexOf(`${SOH}35=`) + 1;
  const end = text.length - `10=${last[1]}${SOH}`.length;
  if (end - start !== Number(length[1]) || checksum(text.slice(0, end)) !== last[1]) return null;
  return { type: type[1], fields, get: (tag) => fields.find(([found]) => found === tag)?.[1] };
}

/** Cuts a stream of bytes into messages; what is garbled is skipped to the next beginning. */
export function createFrameReader() {
  let buffer = '';
  return {
    push(bytes: Buffer): FixMessage[] {
      buffer += bytes.toString('latin1');
      const messages: FixMessage[] = [];
      for (;;) {
        const begin = buffer.indexOf('8=FIX');
        if (begin < 0) {
          buffer = buffer.slice(-4);
          break;
        }
        buffer = buffer.slice(begin);
        const end = /\u000110=\d{3}\u0001/.exec(buffer); // oxlint-disable-line no-control-regex
        if (end === null) {
          if (buffer.length > MOST_BYTES) buffer = '';
          break;
        }
        const text = buffer.slice(0, end.index + end[0].length);
        buffer = buffer.slice(text.length);
        const message = decode(text);
        if (message !== null) messages.push(message);
      }
      return messages;
    },
  };
}

/** UTCTimestamp with milliseconds. */
export function timestamp(at: number): string {
  const text = new Date(at).toISOString();
  return `${text.slice(0, 10).replaceAll('-', '')}-${text.slice(11, 23)}`;
}
