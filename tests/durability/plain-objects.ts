/** The sabotage: large objects as they would be without encryption. Takes the place of `src/engine/store/sealed-file.ts` in a test's script. */
import { readFile, type FileHandle } from 'node:fs/promises';

export { segmentsOf } from '#engine/store/sealed-file';

export async function writeSealed(
  file: FileHandle,
  { views }: { readonly views: readonly Uint8Array[] },
): Promise<void> {
  for (const view of views) await file.writeFile(view);
}

export async function readSealed(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(path));
}
