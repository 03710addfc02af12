/**
 * A disk as it may look after a power cut: what was asked to be on the disk is there, and of the rest anything may be.
 * Content waits for the fsync of its file; names (creating, renaming, removing) wait for the fsync of their folder and
 * reach the disk in order, as on a journaling file system. Not modeled: a disk that lies, and damage to what was synced.
 * After SQLite's crash tests (sqlite.org, "How SQLite is tested", §3.3) and LazyFS (Ramos et al., VLDB 2024).
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { FileCall } from './file-calls';

const SECTOR = 512;

/** What becomes of content that nobody has asked to be on the disk: nothing, all, some writes, the first, parts of each. */
export const LOSSES = ['none', 'all', 'subset', 'prefix', 'torn'] as const;
export type Loss = (typeof LOSSES)[number];

type Change = { readonly at: number; readonly bytes: Buffer } | { readonly size: number };

interface FileNode {
  readonly kind: 'file';
  readonly before: Buffer;
  readonly changes: Change[];
  /** How many of the changes are on the disk for certain. */
  synced: number;
}

interface FolderNode {
  readonly kind: 'folder';
  /** What the running system sees. */
  readonly seen: Map<string, Node>;
  /** What is on the disk for certain. */
  readonly kept: Map<string, Node>;
}

type Node = FileNode | FolderNode;

/** A change of names, on the disk as a whole or not at all. */
type Naming = readonly { readonly folder: FolderNode; readonly name: string; readonly node: Node | null }[];

/** Draws whole numbers below a limit. */
type Draw = (below: number) => number;

export class Disk {
  readonly #root: FolderNode;
  readonly #open = new Map<number, { readonly node: Node; position: number }>();
  #waiting: Naming[] = [];

  private constructor(root: FolderNode) {
    this.#root = root;
  }

  /** A disk on which everything below `folder` is safe. */
  static of(folder: string): Disk {
    return new Disk(readFolder(folder));
  }

  /** The same disk again. Only before anything was applied to this one. */
  copy(): Disk {
    return new Disk(copyFolder(this.#root));
  }

  apply(call: FileCall): void {
    switch (call.type) {
      case 'open':
        return this.#openFile(call);
      case 'close':
        this.#open.delete(call.descriptor);
        return;
      case 'write': {
        const open = this.#open.get(call.descriptor);
        if (open?.node.kind !== 'file') return;
        const at = call.at ?? open.position;
        open.node.changes.push({ at, bytes: call.bytes });
        if (call.at === null) open.position += call.bytes.length;
        return;
      }
      case 'truncate': {
        const node = this.#open.get(call.descriptor)?.node;
        if (node?.kind === 'file') node.changes.push({ size: call.size });
        return;
      }
      case 'sync':
        return this.#sync(this.#open.get(call.descriptor)?.node);
      case 'rename': {
        const node = this.#find(call.from);
        if (node === null) throw new Error(`Expected ${call.from} on the replayed disk; it is not there.`);
        return this.#rename([this.#entry(call.from, null), this.#entry(call.to, node)]);
      }
      case 'link':
        return this.#rename([this.#entry(call.to, this.#find(call.from))]);
      case 'unlink':
      case 'rmdir':
        return this.#rename([this.#entry(call.path, null)]);
      case 'mkdir':
        return this.#rename([this.#entry(call.path, { kind: 'folder', seen: new Map(), kept: new Map() })]);
      case 'say':
        return;
    }
  }

  /** Cuts the power and writes what is left into a new folder. The disk must not be used afterwards. */
  cut(target: string, loss: Loss, draw: Draw): void {
    const survivors = loss === 'none' ? 0 : loss === 'all' ? this.#waiting.length : draw(this.#waiting.length + 1);
    for (const naming of this.#waiting.slice(0, survivors)) keep(naming);
    writeFolder(this.#root, target, loss, draw);
  }

  #openFile({ path, descriptor, create, truncate }: Extract<FileCall, { type: 'open' }>): void {
    let node = this.#find(path);
    if (node === null) {
      if (!create) return;
      node = { kind: 'file', before: Buffer.alloc(0), changes: [], synced: 0 };
      this.#rename([this.#entry(path, node)]);
    } else if (truncate && node.kind === 'file') node.changes.push({ size: 0 });
    this.#open.set(descriptor, { node, position: 0 });
  }

  #sync(node: Node | undefined): void {
    if (node === undefined) return;
    if (node.kind === 'file') {
      node.synced = node.changes.length;
      return;
    }
    const touches = (naming: Naming): boolean => naming.some(({ folder }) => folder === node);
    for (const naming of this.#waiting) if (touches(naming)) keep(naming);
    this.#waiting = this.#waiting.filter((naming) => !touches(naming));
  }

  #rename(naming: Naming): void {
    for (const { folder, name, node } of naming) setEntry(folder.seen, name, node);
    this.#waiting.push(naming);
  }

  #entry(path: string, node: Node | null): Naming[number] {
    const folder = this.#find(dirname(path) === '.' ? '' : dirname(path));
    if (folder?.kind !== 'folder') throw new Error(`Expected a folder for ${path} on the replayed disk; found none.`);
    return { folder, name: basename(path), node };
  }

  #find(path: string): Node | null {
    let node: Node | undefined = this.#root;
    for (const name of path.split('/').filter((part) => part !== '')) {
      node = node?.kind === 'folder' ? node.seen.get(name) : undefined;
    }
    return node ?? null;
  }
}

function setEntry(entries: Map<string, Node>, name: string, node: Node | null): void {
  if (node === null) entries.delete(name);
  else entries.set(name, node);
}

function keep(naming: Naming): void {
  for (const { folder, name, node } of naming) setEntry(folder.kept, name, node);
}

function readFolder(path: string): FolderNode {
  const entries = readdirSync(path, { withFileTypes: true }).map((entry): [string, Node] => {
    const child = join(path, entry.name);
    if (entry.isDirectory()) return [entry.name, readFolder(child)];
    return [entry.name, { kind: 'file', before: readFileSync(child), changes: [], synced: 0 }];
  });
  return { kind: 'folder', seen: new Map(entries), kept: new Map(entries) };
}

function copyFolder({ kept }: FolderNode): FolderNode {
  const entries = [...kept].map(([name, node]): [string, Node] => [
    name,
    node.kind === 'folder' ? copyFolder(node) : { ...node, changes: [] },
  ]);
  return { kind: 'folder', seen: new Map(entries), kept: new Map(entries) };
}

function writeFolder(folder: FolderNode, target: string, loss: Loss, draw: Draw): void {
  mkdirSync(target, { recursive: true, mode: 0o700 });
  for (const [name, node] of folder.kept) {
    if (node.kind === 'folder') writeFolder(node, join(target, name), loss, draw);
    // The index of a write-ahead log is made anew from the log.
    else if (!name.endsWith('-shm')) writeFileSync(join(target, name), contentOf(node, loss, draw), { mode: 0o600 });
  }
}

function contentOf({ before, changes, synced }: FileNode, loss: Loss, draw: Draw): Buffer {
  const content = new GrowingBuffer(before);
  for (const change of changes.slice(0, synced)) content.apply(change);
  const unsafe = changes.slice(synced);
  if (loss === 'all') for (const change of unsafe) content.apply(change);
  if (loss === 'prefix') for (const change of unsafe.slice(0, draw(unsafe.length + 1))) content.apply(change);
  if (loss === 'subset') for (const change of unsafe) if (draw(2) === 0) content.apply(change);
  if (loss === 'torn') for (const part of unsafe.flatMap(sectorsOf)) if (draw(2) === 0) content.apply(part);
  return content.bytes();
}

function sectorsOf(change: Change): Change[] {
  if ('size' in change) return [change];
  const parts: Change[] = [];
  for (let from = 0; from < change.bytes.length; from += SECTOR) {
    parts.push({ at: change.at + from, bytes: change.bytes.subarray(from, from + SECTOR) });
  }
  return parts;
}

class GrowingBuffer {
  #buffer: Buffer;
  #size: number;

  constructor(before: Buffer) {
    this.#buffer = Buffer.from(before);
    this.#size = before.length;
  }

  apply(change: Change): void {
    if ('size' in change) return this.#resize(change.size);
    const end = change.at + change.bytes.length;
    if (end > this.#size) this.#resize(end);
    change.bytes.copy(this.#buffer, change.at);
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#size);
  }

  #resize(size: number): void {
    if (size > this.#buffer.length) {
      const grown = Buffer.alloc(Math.max(size, 2 * this.#buffer.length));
      this.#buffer.copy(grown, 0, 0, this.#size);
      this.#buffer = grown;
    }
    if (size < this.#size) this.#buffer.fill(0, size, this.#size);
    this.#size = size;
  }
}
