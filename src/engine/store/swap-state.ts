/**
 * Exchanges the state of a closed workspace for one that was built beside it: the present files move into `set-aside/`,
 * then the built ones move in. A note on the disk says how far it has come, so that a crash anywhere is finished at the
 * next start. Nothing is deleted.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { commitFileSync, syncFolderSync } from './commit-file';

const NOTE = 'swap.json';
const BUILT = '.built';

const noteSchema = z.strictObject({
  /** Which of the two moves is under way. */
  phase: z.enum(['aside', 'in']),
  /** Folder that the present state moves to, relative to the workspace. */
  aside: z.string().regex(/^set-aside\/[0-9A-Za-z-]+$/),
});
type Note = z.infer<typeof noteSchema>;

/** What a state consists of. The log goes before the database: without it the database is an older state. */
const PARTS = ['workspace.db-wal', 'workspace.db-shm', 'workspace.db', 'objects', 'audit.anchors'];

/** The folder to build the next state in, empty. */
export function freshBuildFolder(folder: string): string {
  const built = join(folder, BUILT);
  rmSync(built, { recursive: true, force: true });
  mkdirSync(built, { mode: 0o700 });
  return built;
}

/**
 * Puts what stands complete and synced in the build folder in place.
 * @param now UTC milliseconds
 * @returns absolute path of the state before. Errors: IO, DISK_FULL; the next start finishes what was begun
 */
export function swapState(folder: string, now: number): string {
  const aside = `set-aside/${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`;
  writeNote(folder, { phase: 'aside', aside });
  finishSwap(folder);
  return join(folder, aside);
}

/** Whether an exchange was begun and not finished. */
export function swapIsPending(folder: string): boolean {
  return existsSync(join(folder, NOTE));
}

/** Finishes what a note says; does nothing where there is none. Errors: IO, DISK_FULL; it can be called again. */
export function finishSwap(folder: string): void {
  if (!existsSync(join(folder, NOTE))) return;
  const note = readNote(folder);
  const built = join(folder, BUILT);
  if (note.phase === 'aside') {
    const aside = join(folder, note.aside);
    mkdirSync(aside, { recursive: true, mode: 0o700 });
    syncFolderSync(dirname(aside));
    syncFolderSync(folder);
    for (const part of PARTS) move(join(folder, part), join(aside, part));
    syncFolderSync(aside);
    syncFolderSync(folder);
    writeNote(folder, { ...note, phase: 'in' });
  }
  for (const part of PARTS) move(join(built, part), join(folder, part));
  syncFolderSync(built);
  syncFolderSync(folder);
  rmSync(join(folder, NOTE));
  syncFolderSync(folder);
  rmSync(built, { recursive: true, force: true });
}

function move(from: string, to: string): void {
  if (existsSync(from)) renameSync(from, to);
}

function readNote(folder: string): Note {
  return noteSchema.parse(JSON.parse(readFileSync(join(folder, NOTE), 'utf8')));
}

function writeNote(folder: string, note: Note): void {
  commitFileSync(join(folder, NOTE), `${JSON.stringify(note)}\n`);
}
