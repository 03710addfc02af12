/**
 * A bundle of named typed arrays and one JSON document in one byte string: what results are stored as.
 * Layout: 8-byte magic, uint32 header length, JSON header (document, and name, type, offset, length per array), then the arrays, each 8-byte aligned.
 * The same content always gives the same bytes, so the hash of a bundle identifies the result.
 */
import { AppError } from '#base/errors';
import { canonicalJson } from '#base/canonical-json';

const MAGIC = 'SXBNDL01';
const CONSTRUCTORS = { float64: Float64Array, int32: Int32Array, uint8: Uint8Array } as const;

type ArrayType = keyof typeof CONSTRUCTORS;
export type BundleArray = Float64Array | Int32Array | Uint8Array;

export interface Bundle {
  readonly document: unknown;
  readonly arrays: Readonly<Record<string, BundleArray>>;
}

interface Entry {
  readonly name: string;
  readonly type: ArrayType;
  readonly offset: number;
  readonly length: number;
}

function typeOf(array: BundleArray): ArrayType {
  if (array instanceof Float64Array) return 'float64';
  return array instanceof Int32Array ? 'int32' : 'uint8';
}

const align8 = (offset: number): number => Math.ceil(offset / 8) * 8;

/** Encodes a bundle. Arrays are written in the order of their names, little-endian. */
export function encodeBundle(bundle: Bundle): Uint8Array {
  const names = Object.keys(bundle.arrays).sort();
  const entries: Entry[] = [];
  let offset = 0;
  for (const name of names) {
    const array = bundle.arrays[name];
    entries.push({ name, type: typeOf(array), offset, length: array.length });
    offset = align8(offset + array.byteLength);
  }
  const header = new TextEncoder().encode(canonicalJson({ document: bundle.document, entries }));
  const start = align8(12 + header.length);
  const bytes = new Uint8Array(start + offset);
  bytes.set(new TextEncoder().encode(MAGIC));
  new DataView(bytes.buffer).setUint32(8, header.length, true);
  bytes.set(header, 12);
  for (const entry of entries) {
    const array = bundle.arrays[entry.name];
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), start + entry.offset);
  }
  return bytes;
}

/** Decodes a bundle; the arrays are copies. Errors: WORKSPACE_DAMAGED where the bytes are not a bundle. */
export function decodeBundle(bytes: Uint8Array): Bundle {
  const damaged = () =>
    new AppError('WORKSPACE_DAMAGED', 'Expected a stored result bundle, found other bytes. Restore the newest backup.');
  if (bytes.length < 12 || new TextDecoder().decode(bytes.subarray(0, 8)) !== MAGIC) throw damaged();
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
  if (12 + headerLength > bytes.length) throw damaged();
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(12, 12 + headerLength))) as {
    document: unknown;
    entries: Entry[];
  }; // written by encodeBundle; the object store has verified the hash
  const start = align8(12 + headerLength);
  const arrays: Record<string, BundleArray> = {};
  for (const { name, type, offset, length } of header.entries) {
    const ArrayOf = CONSTRUCTORS[type];
    const from = start + offset;
    arrays[name] = new ArrayOf(bytes.slice(from, from + length * ArrayOf.BYTES_PER_ELEMENT).buffer);
  }
  return { document: header.document, arrays };
}
