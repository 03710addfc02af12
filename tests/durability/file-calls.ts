/** Reads strace's record of file calls into plain events on the files below one folder. */
import { relative, resolve } from 'node:path';

export type FileCall =
  | {
      readonly type: 'open';
      readonly path: string;
      readonly descriptor: number;
      readonly create: boolean;
      readonly truncate: boolean;
    }
  | { readonly type: 'close'; readonly descriptor: number }
  | { readonly type: 'write'; readonly descriptor: number; readonly at: number | null; readonly bytes: Buffer }
  | { readonly type: 'truncate'; readonly descriptor: number; readonly size: number }
  | { readonly type: 'sync'; readonly descriptor: number }
  | { readonly type: 'rename' | 'link'; readonly from: string; readonly to: string }
  | { readonly type: 'unlink' | 'mkdir' | 'rmdir'; readonly path: string }
  /** A line that the process wrote on stdout: from here on it has promised this. */
  | { readonly type: 'say'; readonly line: string };

const LINE = /^(\d+)\s+(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)$/;

/** Events in the order in which the calls returned. Paths are relative to `root`; '' is the root itself. */
export function parseFileCalls(trace: string, root: string): FileCall[] {
  const begun = new Map<string, string>();
  const calls: FileCall[] = [];
  for (const line of trace.split('\n')) {
    const [, thread, name, rest] = LINE.exec(line) ?? [];
    if (thread === undefined) continue;
    if (rest.endsWith('<unfinished ...>')) {
      begun.set(thread, rest.slice(0, -'<unfinished ...>'.length));
      continue;
    }
    const whole = line.includes('<... ') ? (begun.get(thread) ?? '') + rest : rest;
    const call = readCall(name, whole, root);
    if (call !== null) calls.push(call);
  }
  return calls;
}

function readCall(name: string, text: string, root: string): FileCall | null {
  const [, args, returned] = /^(.*)\)\s+= (-?\d+)/.exec(text) ?? [];
  const result = Number(returned);
  if (args === undefined || result < 0) return null;
  const strings = [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex]) => unhex(hex));
  const descriptor = Number(/^\d+/.exec(args)?.[0]);
  switch (name) {
    case 'openat': {
      const path = below(root, strings[0]);
      return path === null
        ? null
        : {
            type: 'open',
            path,
            descriptor: result,
            create: args.includes('O_CREAT'),
            truncate: args.includes('O_TRUNC'),
          };
    }
    case 'close':
      return { type: 'close', descriptor };
    case 'write':
      if (descriptor === 1) return { type: 'say', line: strings[0].toString('utf8').trim() };
      return { type: 'write', descriptor, at: null, bytes: wholeOf(strings[0], result) };
    case 'pwrite64':
      return { type: 'write', descriptor, at: Number(/(\d+)$/.exec(args)?.[1]), bytes: wholeOf(strings[0], result) };
    case 'ftruncate':
      return { type: 'truncate', descriptor, size: Number(/(\d+)$/.exec(args)?.[1]) };
    case 'fsync':
    case 'fdatasync':
      return { type: 'sync', descriptor };
    case 'rename':
    case 'link': {
      const [from, to] = strings.map((path) => below(root, path));
      return from === null || to === null ? null : { type: name, from, to };
    }
    case 'unlink':
    case 'mkdir':
    case 'rmdir': {
      const path = below(root, strings[0]);
      return path === null ? null : { type: name, path };
    }
    default:
      return null;
  }
}

function wholeOf(bytes: Buffer, written: number): Buffer {
  if (bytes.length < written)
    throw new Error(`Expected ${written} bytes in the record of a write; found ${bytes.length}.`);
  return bytes.subarray(0, written);
}

function unhex(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}

function below(root: string, path: Buffer): string | null {
  const found = relative(root, resolve(path.toString('utf8')));
  return found.startsWith('..') ? null : found;
}
