/**
 * `audit.anchors`: heads of the audit chain outside the database (0600), one line each, appended and synced. A crash may tear the last line;
 * that one is dropped at the next start. Any other line that was not written by this workspace is a fault.
 */
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolderSync } from '../store/commit-file';
import { asStoreError } from '../store/store-error';
import { anchorMac, equalBytes, type AuditAnchor, type ChainKey } from './audit-chain';

const NAME = 'audit.anchors';
const LINE = /^(\d{1,15}) (\d{1,15}) ([0-9a-f]{64}) ([0-9a-f]{64})$/;

export interface AnchorFile {
  read(): { readonly anchors: readonly AuditAnchor[]; readonly forged: number };
  append(anchor: AuditAnchor): void;
}

export function openAnchorFile(folder: string, key: ChainKey): AnchorFile {
  const path = join(folder, NAME);
  dropTornLine(path);

  function lineOf(anchor: AuditAnchor): string {
    const signature = Buffer.from(anchorMac(key, anchor)).toString('hex');
    return `${anchor.seq} ${anchor.at} ${Buffer.from(anchor.mac).toString('hex')} ${signature}\n`;
  }

  return {
    read() {
      if (!existsSync(path)) return { anchors: [], forged: 0 };
      const anchors: AuditAnchor[] = [];
      let forged = 0;
      for (const line of readFileSync(path, 'utf8').split('\n').slice(0, -1)) {
        const anchor = parse(line, key);
        if (anchor === null) forged++;
        else anchors.push(anchor);
      }
      return { anchors, forged };
    },
    append(anchor) {
      try {
        const isNew = !existsSync(path);
        const file = openSync(path, 'a', 0o600);
        try {
          writeSync(file, lineOf(anchor));
          fsyncSync(file);
        } finally {
          closeSync(file);
        }
        if (isNew) syncFolderSync(folder); // the database will remember an anchor: the file must not be gone after a power cut
      } catch (error) {
        throw asStoreError(error, path);
      }
    },
  };
}

function parse(line: string, key: ChainKey): AuditAnchor | null {
  const match = LINE.exec(line);
  if (match === null) return null;
  const anchor = { seq: Number(match[1]), at: Number(match[2]), mac: Buffer.from(match[3], 'hex') };
  return equalBytes(Buffer.from(match[4], 'hex'), anchorMac(key, anchor)) ? anchor : null;
}

function dropTornLine(path: string): void {
  if (!existsSync(path)) return;
  const bytes = readFileSync(path);
  const whole = bytes.lastIndexOf(0x0a) + 1;
  if (whole === bytes.length) return;
  const file = openSync(path, 'r+');
  try {
    ftruncateSync(file, whole);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
