/**
 * The files of a log: `sextant-<UTC day>[.<n>].jsonl`, one line appended at once, a new file with each day and at each full one, the oldest gone
 * beyond the limit of all together (0600 in a folder of 0700). A line that cannot be written is lost, said once, and never an exception.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export interface LogFileOptions {
  readonly folder: string;
  /** UTC milliseconds. */
  now(): number;
  /** Of one file; 8 MiB unless told. */
  readonly fileBytes?: number;
  /** Of all files; 64 MiB unless told. */
  readonly allBytes?: number;
  /** Milliseconds after a failure before the next try. */
  readonly retryMs?: number;
  /** The first line that was lost; called again only after lines could be written in between. */
  onTrouble(error: unknown): void;
}

export interface LogFile {
  /** `line` is JSON without its end of line. */
  append(line: string): void;
  close(): void;
}

export interface LogFileName {
  readonly name: string;
  readonly day: string;
  readonly part: number;
}

const NAME = /^sextant-(\d{4}-\d{2}-\d{2})(?:\.(\d{1,6}))?\.jsonl$/;

/** The log files of a folder, oldest first; none where there is no folder. */
export function logFiles(folder: string): readonly LogFileName[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .flatMap((name) => {
      const match = NAME.exec(name);
      return match === null ? [] : [{ name, day: match[1], part: Number(match[2] ?? 0) }];
    })
    .toSorted((a, b) => (a.day === b.day ? a.part - b.part : a.day < b.day ? -1 : 1));
}

export function openLogFile(options: LogFileOptions): LogFile {
  const { folder, now, fileBytes = 8 * 2 ** 20, allBytes = 64 * 2 ** 20, retryMs = 5_000, onTrouble } = options;
  let file: { readonly fd: number; readonly day: string; bytes: number } | null = null;
  let retryAt = 0;
  let isTroubled = false;
  /** The file ends in the middle of a line. */
  let isTorn = false;

  /** The clock is followed both ways: after a jump back lines go behind those of that earlier day. */
  function fileOf(day: string): NonNullable<typeof file> {
    if (file !== null && file.day === day && file.bytes < fileBytes) return file;
    close();
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const last = logFiles(folder).findLast((known) => known.day === day);
    const isFull = last !== undefined && statSync(join(folder, last.name)).size >= fileBytes;
    const part = last === undefined ? 0 : last.part + (isFull ? 1 : 0);
    const path = join(folder, part === 0 ? `sextant-${day}.jsonl` : `sextant-${day}.${part}.jsonl`);
    // Where a link stands in place of the file, nothing is written through it.
    const fd = openSync(
      path,
      constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0),
      0o600,
    );
    fchmodSync(fd, 0o600);
    const { size } = fstatSync(fd);
    isTorn = size > 0 && !endsLine(fd, size);
    file = { fd, day, bytes: size };
    removeOldest();
    return file;
  }

  function removeOldest(): void {
    const files = logFiles(folder).map(({ name }) => ({
      path: join(folder, name),
      bytes: statSync(join(folder, name)).size,
    }));
    let sum = files.reduce((total, { bytes }) => total + bytes, 0);
    for (const { path, bytes } of files.slice(0, -1)) {
      if (sum <= allBytes) return;
      rmSync(path, { force: true });
      sum -= bytes;
    }
  }

  function append(line: string): void {
    if (isTroubled && performance.now() < retryAt) return;
    try {
      const open = fileOf(new Date(now()).toISOString().slice(0, 10));
      const bytes = Buffer.from(`${isTorn ? '\n' : ''}${line}\n`);
      isTorn = true;
      for (let at = 0; at < bytes.length;) {
        const written = writeSync(open.fd, bytes, at);
        at += written;
        open.bytes += written;
      }
      isTorn = false;
      isTroubled = false;
    } catch (error) {
      retryAt = performance.now() + retryMs;
      close();
      if (isTroubled) return;
      isTroubled = true;
      onTrouble(error);
    }
  }

  function close(): void {
    if (file === null) return;
    const { fd } = file;
    file = null;
    try {
      closeSync(fd);
    } catch {
      // Nothing that was written can be saved by knowing.
    }
  }

  return { append, close };
}

function endsLine(fd: number, size: number): boolean {
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] === 0x0a;
}
