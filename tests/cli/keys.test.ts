/** Keys from the command line: no secret is ever a word of it, and paper plus a backup are enough on a new machine. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runProgram } from '../support/program';
import { scratchFolder } from '../support/scratch';

it('recovers a workspace on a new machine from a backup and the paper', { timeout: 120_000 }, async () => {
  const root = scratchFolder();
  const machine = (name: string) => ({ XDG_CONFIG_HOME: join(root, name, 'config'), XDG_DATA_HOME: join(root, name) });
  const run = async (name: string, ...words: string[]) =>
    runProgram([...words, '--json'], { environment: machine(name) });
  await run('old', 'datasets', 'generate', '--name', 'mine');
  const made = await run('old', 'keys', 'recovery');
  const { recoveryKey } = JSON.parse(made.stdout) as { recoveryKey: string }; // what the contract says
  const { id } = JSON.parse((await run('old', 'backups', 'create')).stdout) as { id: string }; // what the contract says

  const paper = join(root, 'paper');
  writeFileSync(paper, `${recoveryKey}\n`, { mode: 0o600 });
  const backup = join(root, 'old', 'sextant', 'workspace', 'backups', id);
  const refused = await run('new', 'recover', '--from', backup, '--recovery-key', recoveryKey);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('found the secret itself') });
  expect(refused.stderr).not.toContain(recoveryKey);
  const recovered = await run('new', 'recover', '--from', backup, '--recovery-key', `@${paper}`);
  expect(recovered).toMatchObject({ code: 0 });
  const listed = await run('new', 'datasets', 'list');
  expect(listed).toMatchObject({ code: 0, stdout: expect.stringContaining('"mine"') });
  expect(await run('new', 'recover', '--from', backup, '--recovery-key', `@${paper}`)).toMatchObject({ code: 5 });

  const open = join(root, 'open-file');
  writeFileSync(open, recoveryKey, { mode: 0o644 });
  expect(await run('new', 'recover', '--recovery-key', `@${open}`)).toMatchObject({ code: 3 });
});
