/** What the program runs on, as a document whose hash stands in the provenance of every run. */
import { cpus } from 'node:os';
import { canonicalJson } from '#base/canonical-json';
import { sha256 } from '../store/sha256';

export const ENVIRONMENT_ARTIFACT = 'environment.json';

export interface Environment {
  readonly text: string;
  readonly hash: string;
}

let known: Environment | undefined;

/** Nothing in it names the user or the machine; it does not change while the program runs. */
export function environment(): Environment {
  if (known !== undefined) return known;
  const text = canonicalJson({
    versions: process.versions,
    platform: process.platform,
    arch: process.arch,
    endianness: new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 'little' : 'big',
    processor: cpus()[0]?.model ?? 'unknown',
  });
  known = { text, hash: sha256(text) };
  return known;
}
