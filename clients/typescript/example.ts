/** Starts a run on the sample market, follows it, and prints the weights for the next rebalance. */
import { createClient, SextantError } from './sextant.js';

const { SEXTANT_URL: url = 'http://127.0.0.1:4517', SEXTANT_TOKEN: token = '' } = process.env;
const client = createClient({ url, token });

const { job: importing } = await client.datasets.generate({ name: 'sample', preset: 'small', seed: 1 });
for await (const event of client.jobs.events({ job: importing }))
  if (event.type === 'status') console.log(event.status);

const { run, job } = await client.runs.start({
  config: {
    data: { dataset: 'sample', from: '2021-01-01' },
    model: { forecast: null, optimizer: { id: 'inverse-volatility' } },
    backtest: { window: { train: 126 }, lookback: 63 },
    experiment: { bootstrap: { replications: 100 } },
  },
});
for await (const event of client.jobs.events({ job })) if (event.type === 'status') console.log(event.status);

const { weights, decidedOn } = await client.portfolios.show({ portfolio: 'latest' });
console.log(`${weights.length} weights decided on ${decidedOn}`);

const csv = new TextDecoder().decode(await client.table('runs.series', { run }, 'csv'));
console.log(csv.split('\r\n')[0]);

try {
  await client.runs.show({ run: 'no-such-run' });
} catch (error) {
  if (!(error instanceof SextantError)) throw error;
  console.log(error.code);
}
