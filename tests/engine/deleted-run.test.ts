/** Runs that are deleted while somebody compares them: whoever looks gets the rest, or is told what is missing; never half a run. */
import { expect, it } from 'vitest';
import { toWire } from '#base/errors';
import { openTestEngine } from '../support/engine-host';

const CONFIG = {
  data: { dataset: 'market' },
  model: { optimizer: { id: 'equal-weight' } },
  backtest: { window: { train: 252 }, lookback: 126 },
  experiment: { name: 'kept', bootstrap: { replications: 100 } },
};

it(
  'a run that is deleted while it is compared is missing, and nothing else is different',
  { timeout: 120_000 },
  async () => {
    await using host = await openTestEngine();
    const { client } = host;
    await host.finished((await client.datasets.generate({ name: 'market' })).job);
    const kept: string[] = [];
    for (const name of ['first', 'second']) {
      const { run, job } = await client.runs.start({
        config: { ...CONFIG, experiment: { ...CONFIG.experiment, name } },
      });
      expect((await host.finished(job)).error).toBeNull();
      kept.push(run);
    }
    const alone = await client.runs.compare({ runs: kept });
    expect(alone.missing).toEqual([]);

    for (let round = 0; round < 10; round++) {
      const { run: doomed, job } = await client.runs.start({ config: CONFIG });
      await client.runs.cancel({ run: doomed });
      await host.finished(job);
      const comparing = Array.from({ length: 4 }, () =>
        client.runs.compare({ runs: [...kept, doomed] }).then(
          (answer) => answer,
          (error: unknown) => toWire(error),
        ),
      );
      const [removed, ...answers] = await Promise.all([client.runs.remove({ run: doomed }), ...comparing]);
      expect(removed).toMatchObject({ removed: doomed });
      for (const answer of answers) {
        // Before the deletion it is one of three; after it, it is named as missing.
        if (!('missing' in answer)) throw new Error(`Expected a comparison; found ${JSON.stringify(answer)}.`);
        expect(answer.runs.length + answer.missing.length).toBe(3);
        if (answer.missing.length > 0) expect(answer).toEqual({ ...alone, missing: [doomed] });
      }
      expect(await client.runs.compare({ runs: [...kept, doomed] })).toEqual({ ...alone, missing: [doomed] });
      await expect(client.runs.compare({ runs: [kept[0], doomed] })).rejects.toMatchObject({
        code: 'NOT_FOUND',
        data: { missing: [doomed] },
      });
    }
    // What has finished is evidence: it cannot be deleted under anybody.
    await expect(client.runs.remove({ run: kept[0] })).rejects.toMatchObject({ code: 'CONFLICT' });
  },
);
