/**
 * Reads the transaction log of an offline run of Weights & Biases, written from its specification and sharing nothing with the writer:
 * LevelDB's log format (doc/log_format.md) with a plain CRC-32 (ISO 3309), and the wire format of protocol buffers (protobuf.dev).
 */
const BLOCK = 32_768;

function crc32(bytes: Uint8Array): number {
  let rest = 0xffffffff;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  }
  return ~rest >>> 0;
}

/** The records of a file. Throws for anything that the format does not allow. */
export function readRecordLog(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (new TextDecoder('latin1').decode(file.subarray(0, 4)) !== ':W&B') throw new Error('no log of W&B');
  if (view.getUint16(4, true) !== (crc32(new TextEncoder().encode('Weights & Biases')) & 0xffff))
    throw new Error('magic');
  if (file[6] !== 0) throw new Error('version');
  const records: Uint8Array[] = [];
  let parts: Uint8Array[] | null = null;
  for (let at = 7; at < file.length;) {
    const left = BLOCK - (at % BLOCK);
    if (left < 7) {
      if (file.subarray(at, at + left).some((byte) => byte !== 0)) throw new Error('padding that is not zero');
      at += left;
      continue;
    }
    if (at + 7 > file.length) throw new Error('cut in a header');
    const [checksum, length, type] = [view.getUint32(at, true), view.getUint16(at + 4, true), file[at + 6]];
    if (length > left - 7) throw new Error('a chunk across a block');
    if (at + 7 + length > file.length) throw new Error('cut in a chunk');
    if (crc32(file.subarray(at + 6, at + 7 + length)) !== checksum) throw new Error('checksum');
    if (type < 1 || type > 4) throw new Error('type of a chunk');
    if ((parts === null) !== (type === 1 || type === 2)) throw new Error('order of chunks');
    parts = [...(parts ?? []), file.subarray(at + 7, at + 7 + length)];
    if (type === 1 || type === 4) {
      records.push(Buffer.concat(parts));
      parts = null;
    }
    at += 7 + length;
  }
  if (parts !== null) throw new Error('a record without its end');
  return records;
}

/** Values by field number: numbers of varints, bytes of everything with a length. */
export type Message = ReadonlyMap<number, readonly (number | Uint8Array)[]>;

export function readMessage(bytes: Uint8Array): Message {
  const fields = new Map<number, (number | Uint8Array)[]>();
  let at = 0;
  const varint = (): number => {
    for (let [value, scale] = [0, 1]; ; scale *= 128) {
      if (at >= bytes.length) throw new Error('cut in a number');
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const values = fields.get(key >>> 3) ?? [];
    fields.set(key >>> 3, values);
    if ((key & 7) === 0) values.push(varint());
    else if ((key & 7) === 2) {
      const length = varint();
      if (at + length > bytes.length) throw new Error('cut in a field');
      values.push(bytes.subarray(at, (at += length)));
    } else throw new Error(`wire type ${key & 7}`);
  }
  return fields;
}

export function message(value: number | Uint8Array | undefined): Message {
  if (!(value instanceof Uint8Array)) throw new Error('no message here');
  return readMessage(value);
}

/** The text of a field that is there once. */
export function text(values: readonly (number | Uint8Array)[] | undefined): string {
  const value = values?.at(0);
  if (values?.length !== 1 || !(value instanceof Uint8Array)) throw new Error('no text here');
  return new TextDecoder('utf-8', { fatal: true }).decode(value);
}
