/**
 * The safetensors container, strictly: 8-byte little-endian header length, JSON header, tensors. What does not fit to the letter is
 * refused before anything is allocated for it: tensors lie in order, without gap or overlap, and cover the file exactly.
 * Format: Hugging Face safetensors 0.4; narrower here (float32 and int32, header ≤ 1 MB, metadata one string per name).
 */
import { AppError } from '#base/errors';

export type Tensor = { readonly shape: readonly number[] } & (
  { readonly dtype: 'F32'; readonly data: Float32Array } | { readonly dtype: 'I32'; readonly data: Int32Array }
);

export interface TensorFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

const MOST_HEADER = 1_000_000;
const MOST_TENSORS = 2_000;
const MOST_DIMENSIONS = 4;
const NAME = /^[a-z0-9_]+(\.[a-z0-9_]+)*$/;
const WIDTH = 4;

/** Tensors in the given order; the same content always gives the same bytes. */
export function encodeTensorFile({ metadata, tensors }: TensorFile): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { dtype, shape, data }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  // Spaces at the end of the header are part of the format: tensors begin at a multiple of 8.
  const length = Math.ceil(json.length / 8) * 8;
  if (length > MOST_HEADER) {
    throw new AppError('TOO_LARGE', `Expected a header of at most ${MOST_HEADER} bytes, found ${length}.`);
  }
  const bytes = new Uint8Array(8 + length + offset).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  let at = 8 + length;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** Errors: INVALID_DATA saying what does not fit; nothing of the file is used then. `mostBytes`: of the whole file. */
export function decodeTensorFile(bytes: Uint8Array, mostBytes: number): TensorFile {
  if (bytes.length > mostBytes) throw refused(`at most ${mostBytes} bytes`, `${bytes.length}`);
  if (bytes.length < 10) throw refused('a safetensors file', `${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const declared = view.getBigUint64(0, true);
  if (declared < 2n || declared > BigInt(Math.min(MOST_HEADER, bytes.length - 8))) {
    throw refused(`a header of 2 … ${MOST_HEADER} bytes inside the file`, `${declared}`);
  }
  const start = 8 + Number(declared);
  const header = parseHeader(bytes.subarray(8, start));
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = new Map<string, Tensor>();
  let next = 0;
  const names = Object.keys(entries);
  if (names.length > MOST_TENSORS) throw refused(`at most ${MOST_TENSORS} tensors`, `${names.length}`);
  for (const name of names) {
    if (!NAME.test(name) || name.length > 200) throw refused('tensor names of letters, digits, _ and .', quote(name));
    const { dtype, shape, size } = entryOf(name, entries[name], next, bytes.length - start - next);
    // A copy of its own, aligned: nothing of the file stays referenced. (`slice` of a Node Buffer would be a view of it.)
    const { buffer } = new Uint8Array(bytes.subarray(start + next, start + next + size));
    next += size;
    tensors.set(
      name,
      dtype === 'F32'
        ? { dtype, shape, data: new Float32Array(buffer) }
        : { dtype, shape, data: new Int32Array(buffer) },
    );
  }
  if (start + next !== bytes.length) throw refused(`${start + next} bytes, all of them tensors`, `${bytes.length}`);
  return { metadata: stringsOf(metadata), tensors };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw refused('a header in UTF-8', 'other bytes', error);
  }
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    throw refused('a header in JSON', 'other text', error);
  }
  if (!isObject(header)) throw refused('an object as header', typeof header);
  // JSON.parse keeps the last of two equal keys silently; written out again, a header with duplicates is shorter than it was.
  if (text.trimEnd() !== JSON.stringify(header))
    throw refused('a header without duplicate keys or other spellings', 'another');
  return header;
}

function entryOf(name: string, entry: unknown, next: number, room: number) {
  if (!isObject(entry) || Object.keys(entry).sort().join() !== 'data_offsets,dtype,shape') {
    throw refused(`dtype, shape and data_offsets of ${name}`, 'something else');
  }
  const { dtype, shape, data_offsets: offsets } = entry;
  if (dtype !== 'F32' && dtype !== 'I32') throw refused(`dtype F32 or I32 of ${name}`, quote(dtype));
  if (
    !Array.isArray(shape) ||
    shape.length > MOST_DIMENSIONS ||
    !shape.every((n) => Number.isSafeInteger(n) && n >= 1)
  ) {
    throw refused(`at most ${MOST_DIMENSIONS} positive sizes as shape of ${name}`, quote(shape));
  }
  const sizes: readonly number[] = shape;
  let size = WIDTH;
  for (const n of sizes) {
    // Checked before the product is formed: no overflow, no rounding.
    if (n > Math.floor(room / size)) throw refused(`a shape of ${name} that fits the file`, quote(shape));
    size *= n;
  }
  if (size > room) throw refused(`${name} inside the file`, quote(shape));
  if (!Array.isArray(offsets) || offsets.length !== 2 || offsets[0] !== next || offsets[1] !== next + size) {
    throw refused(`${name} at bytes ${next} … ${next + size}`, quote(offsets));
  }
  return { dtype, shape: sizes, size } as const;
}

function stringsOf(metadata: unknown): Record<string, string> {
  if (!isObject(metadata)) throw refused('metadata as an object', typeof metadata);
  const entries = Object.entries(metadata).map(([name, value]): [string, string] => {
    if (typeof value !== 'string') throw refused('metadata of strings', typeof value);
    return [name, value];
  });
  return Object.fromEntries(entries);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function quote(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 120);
}

function refused(expected: string, found: string, cause?: unknown): AppError {
  return new AppError('INVALID_DATA', `Expected ${expected}, found ${found}. The model was not loaded.`, {
    ...(cause === undefined ? {} : { cause }),
  });
}
