/**
 * `sextant recover`: opens a workspace, or a backup on a new machine, with the recovery key from paper. The key that is
 * found is kept as this machine keeps keys; a backup is put into the workspace folder as a restore would.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError } from '#base/errors';
import { parseArguments } from './arguments';
import { printJson, type CommandContext } from './command-context';
import { createHeadlessHost } from './headless-host';
import { findLocalCommand } from './local-commands';
import { readSecret } from './read-secret';

/** Errors: WRONG_KEY for another paper, NOT_FOUND without a recovery.json, CONFLICT for a workspace in the way. */
export async function runRecover(words: readonly string[], context: CommandContext): Promise<void> {
  const fields = findLocalCommand('recover')?.fields ?? [];
  const { local } = parseArguments(words, {
    fields: [],
    positional: [],
    local: fields,
    help: 'sextant recover --help',
  });
  const { terminal, log, workspace, program } = context;
  const from = typeof local.from === 'string' ? resolve(local.from) : null;
  const file = join(from ?? workspace, 'recovery.json');
  if (!existsSync(file)) {
    throw new AppError(
      'NOT_FOUND',
      `Expected ${file}, found none. It exists once a recovery key was made (sextant keys recovery).`,
    );
  }
  const text = await readSecret('recovery-key', local['recovery-key'], terminal);
  if (text === undefined)
    throw new AppError('BAD_REQUEST', 'Expected --recovery-key - or --recovery-key @FILE, found neither.');
  const [{ openWithRecovery, readRecoveryKey }, { lockWorkspace }, { adoptBackup }] = await Promise.all([
    import('#engine/keys/recovery-key'),
    import('#engine/store/workspace-lock'),
    import('#engine/backups/restore-backup'),
  ]);
  const key = openWithRecovery(readFileSync(file, 'utf8'), readRecoveryKey(text));
  mkdirSync(workspace, { recursive: true, mode: 0o700 });
  const lock = lockWorkspace(workspace, Date.now());
  try {
    if (from !== null) await adoptBackup({ folder: workspace, backup: from, key, now: Date.now() });
    const host = await createHeadlessHost({ workspace, workerEntry: program.workerEntry, terminal, log, reason: null });
    if (host.keys.keeper === undefined)
      throw new AppError('CONFLICT', 'Expected no SEXTANT_KEY while a key is recovered; unset it.');
    await host.keys.keeper.adopt(key);
  } finally {
    lock.release();
  }
  if (context.json) printJson(context, { workspace, from });
  else
    terminal.stdout.write(
      `The workspace ${workspace} opens again. Give it a new key (sextant keys rotate) if others may have the old one.\n`,
    );
}
