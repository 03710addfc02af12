/** Opens a workspace on a read-only mount and says what can be done with it: `node script.mjs FOLDER`; one JSON line. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toWire } from '#base/errors';
import { errorCodeOf } from '#engine/store/store-error';
import { openTestEngine } from './engine-host';

const [folder] = process.argv.slice(2);

/** Proves that the mount is what the test says it is. */
function probe(): string {
  try {
    writeFileSync(join(folder, 'probe'), '');
    return 'written';
  } catch (error) {
    return errorCodeOf(error);
  }
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => toWire(error).code,
  );

const host = await openTestEngine({ workspace: folder });
const { client } = host;
const { state, message } = await client.system.storage({});
const { datasets } = await client.datasets.list({});
const { backups } = await client.backups.list({});
const said = {
  probe: probe(),
  state,
  explains: message?.includes('copy the folder'),
  workspace: (await client.system.info({})).workspace,
  datasets: datasets.map(({ name }) => name),
  assets: (await client.datasets.assets({ dataset: 'market' })).assets.length > 0,
  backups: backups.length,
  unfinished: (await client.jobs.list({})).jobs[0].status,
  verified: (await client.backups.verify({ backup: backups[0].id })).objects > 0,
  auditIntact: (await client.audit.verify({})).intact,
  refused: await Promise.all([
    codeOf(client.datasets.generate({ name: 'another' })),
    codeOf(client.datasets.remove({ dataset: 'market' })),
    codeOf(client.backups.create({})),
    codeOf(client.backups.restore({ backup: backups[0].id })),
    codeOf(client.privacy.erase({ confirm: 'market' } as never)), // refused before it is looked at
  ]),
};
await host[Symbol.asyncDispose]();
console.info(JSON.stringify(said));
