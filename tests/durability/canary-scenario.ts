/**
 * A life of a workspace in which everything that is stored carries a mark: `node script.mjs ROOT MARK`. Import, note, run, report, backup,
 * restore, another key, another passphrase; a line on stdout after each. It can be killed anywhere and is started again on what is left.
 * What a person asked to have in the clear goes to ROOT/exports.
 */
import { mkdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '#base/log';
import { createKeyStore } from '#engine/keys/key-store';
import { openTestEngine, type TestEngine } from '../support/engine-host';

const [root, mark] = process.argv.slice(2);
const workspace = join(root, 'workspace');
/** Names are in lower case, and new in every life. */
const name = `${mark.toLowerCase()}-${Date.now()}`;

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

function prices(): string {
  const lines = ['date,symbol,close'];
  for (let asset = 0; asset < 5; asset++) {
    for (let day = 0; day < 620; day++) {
      const date = new Date(Date.UTC(2020, 0, 1) + day * 86_400_000).toISOString().slice(0, 10);
      const wave = Math.sin(day / (3 + asset)) + Math.sin(day * (1.7 + asset));
      lines.push(`${date},${mark}${asset},${(100 + asset + 5 * wave).toFixed(4)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Under whichever of the two passphrases it is now. */
async function open(): Promise<{ host: TestEngine; passphrase: string }> {
  let refusal: unknown;
  for (const passphrase of [`${mark} before`, `${mark} after`]) {
    const environment = { SEXTANT_PASSPHRASE: passphrase };
    const keys = createKeyStore({
      workspace,
      configFolder: join(root, 'config'),
      environment,
      log: silentLog,
      keychain: null,
    });
    try {
      return { host: await openTestEngine({ workspace, keys }), passphrase };
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

const { host, passphrase } = await open();
const { client } = host;

async function done(job: string): Promise<void> {
  const { error } = await host.finished(job);
  if (error !== null) throw new Error(`${error.code}: ${error.message}`);
}

say('opened');
const { path } = await client.datasets.upload({ file: new File([prices()], `${mark} prices.csv`) });
await done((await client.datasets.import({ name, prices: [path] })).job);
say('imported');
const { run, job } = await client.runs.start({
  config: {
    data: { dataset: name },
    model: { forecast: { id: 'ridge' }, optimizer: { id: 'mean-variance' } },
    backtest: { window: { train: 150 }, lookback: 60 },
    experiment: { name: `${mark} idea`, bootstrap: { replications: 100 } },
  },
});
await done(job);
say('run');
await client.runs.tag({ run, tags: [`owner=${mark}`] });
await client.runs.note({ run, note: `Remember ${mark}.` });
await client.schedules.create({ name, flow: 'backup', everySeconds: 86_400 });
say('written down');
const report = await client.reports.create({ run, format: ['json', 'html'], kind: 'performance' });
await done(report.job);
say('reported');
const backup = await client.backups.create({});
say('backed up');
await client.backups.restore({ backup: backup.id });
say('restored');
await client.keys.rotate({ passphrase });
say('new key');
const next = passphrase.endsWith('before') ? `${mark} after` : `${mark} before`;
await client.keys.passphrase({ current: passphrase, next });
say('new passphrase');
const { portfolios } = await client.portfolios.list({});
const exported = await client.portfolios.export({ portfolio: portfolios[0].id });
mkdirSync(join(root, 'exports'), { recursive: true });
writeFileSync(join(root, 'exports', 'weights.csv'), exported.text);
say('exported');
await host[Symbol.asyncDispose]();
say('closed');
