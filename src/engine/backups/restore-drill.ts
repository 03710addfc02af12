/** A restore drill: everything that a restore would do, in a scratch folder, and then everything is read. */
import { join } from 'node:path';
import { openReadOnly } from '../store/database';
import type { Keyring } from '../store/keyring';
import { objectMaster, objectPath } from '../store/object-store';
import { readSealed } from '../store/sealed-file';
import { keysOf } from './backup-folder';
import { countRows } from './backup-contents';
import { buildFrom } from './restore-backup';

/** @returns what was read, in words. Errors: WORKSPACE_DAMAGED, DISK_FULL, IO. */
export async function tryRestore(backup: string, keyring: Keyring, scratch: string): Promise<string> {
  const manifest = await buildFrom({ backup, keyring }, scratch);
  const database = openReadOnly({ file: join(scratch, 'workspace.db'), key: keyring.current });
  try {
    const rows = Object.values(countRows(database)).reduce((sum, count) => sum + count, 0);
    const masters = keysOf(keyring).map(objectMaster);
    const hashes = Object.keys(manifest.objects);
    for (const hash of hashes) await readSealed(join(scratch, 'objects', objectPath(hash)), hash, masters);
    return `${rows} rows and ${hashes.length} objects read back.`;
  } finally {
    database.close();
  }
}
