/** A template's logo: really a PNG or JPEG, by its content and not by its name, and small enough for a page. */
import { AppError } from '#base/errors';
import type { Look } from './model';

const LARGEST_SIDE = 4096;

function refuse(found: string): AppError {
  return new AppError(
    'INVALID_CONFIG',
    `Expected a PNG or JPEG of at most ${LARGEST_SIDE} pixels a side as logo, found ${found}. Choose another file.`,
  );
}

/** @param address `data:image/…;base64,…` @returns its bytes. Errors: INVALID_CONFIG. */
export function readLogo(address: string): NonNullable<Look['logo']> {
  const bytes = new Uint8Array(Buffer.from(address.slice(address.indexOf(',') + 1), 'base64'));
  const size = pngSize(bytes) ?? jpegSize(bytes);
  if (size === null) throw refuse('something else');
  const [mediaType, width, height] = size;
  if (width < 1 || height < 1 || width > LARGEST_SIDE || height > LARGEST_SIDE)
    throw refuse(`${width} × ${height} pixels`);
  return { bytes, mediaType };
}

type Size = readonly ['image/png' | 'image/jpeg', number, number];

function pngSize(bytes: Uint8Array): Size | null {
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  const end = [0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82];
  if (bytes.length < 45 || !signature.every((byte, i) => bytes[i] === byte)) return null;
  if (!end.every((byte, i) => bytes[bytes.length - 8 + i] === byte)) return null;
  const view = new DataView(bytes.buffer);
  return ['image/png', view.getUint32(16), view.getUint32(20)];
}

/** Walks the segments to the frame header (SOF0 … SOF2). */
function jpegSize(bytes: Uint8Array): Size | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  const view = new DataView(bytes.buffer);
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = bytes[at + 1];
    if (marker >= 0xc0 && marker <= 0xc2) return ['image/jpeg', view.getUint16(at + 7), view.getUint16(at + 5)];
  }
  return null;
}
