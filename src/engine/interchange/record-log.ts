/**
 * Records in the log format of LevelDB (doc/log_format.md) as Weights & Biases writes it: seven bytes of its own in front, then blocks of
 * 32 KiB; a record is one chunk or several, none of which crosses a block, each with CRC-32, length and type before it.
 * Differs from LevelDB in the checksum: the plain CRC-32 of type and data (zlib), not a masked CRC-32C. Source:
 * wandb/sdk/internal/datastore.py.
 */
import { crc32 } from 'node:zlib';

const BLOCK = 32_768;
const CHUNK_HEADER = 7;
/** `:W&B`, the low half of the CRC-32 of "Weights & Biases", version 0. */
const FILE_HEADER = Uint8Array.of(0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0);
const [FULL, FIRST, MIDDLE, LAST] = [1, 2, 3, 4];

export function recordLog(records: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [FILE_HEADER];
  let at = FILE_HEADER.length;
  const push = (bytes: Uint8Array): void => {
    parts.push(bytes);
    at += bytes.length;
  };
  for (const record of records) {
    if (BLOCK - (at % BLOCK) < CHUNK_HEADER) push(new Uint8Array(BLOCK - (at % BLOCK)));
    let [from, isFirst] = [0, true];
    do {
      const room = BLOCK - (at % BLOCK) - CHUNK_HEADER;
      const data = record.subarray(from, from + room);
      from += data.length;
      const isLast = from === record.length;
      push(chunk(isFirst ? (isLast ? FULL : FIRST) : isLast ? LAST : MIDDLE, data));
      isFirst = false;
    } while (from < record.length);
  }
  const whole = new Uint8Array(at);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function chunk(type: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(CHUNK_HEADER + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(4, data.length, true);
  bytes[6] = type;
  bytes.set(data, CHUNK_HEADER);
  view.setUint32(0, crc32(bytes.subarray(6)), true);
  return bytes;
}
