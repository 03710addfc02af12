/** Where the parts of the built program lie, seen from the folder of an entry script. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from './command-context';

/** @param folder absolute path of `out/main` */
export function programIn(folder: string): Program {
  const renderer = join(folder, '..', 'renderer');
  return {
    workerEntry: join(folder, 'worker.js'),
    rendererDir: existsSync(renderer) ? renderer : null,
    root: join(folder, '..', '..'),
  };
}
