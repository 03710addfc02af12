/** Thousands of runs in one workspace: the list newest first, ordered by Sharpe ratio, filtered by a tag, searched, and read whole. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInlineClient } from '#engine/api/inline';
import { createEngine } from '#engine/engine';
import { silentLog } from '#base/log';
import { createUlid } from '#engine/store/ulid';
import { openWorkspace } from '#engine/store/workspace';
import { createTestHost } from '../../tests/support/engine-host';
import { bench } from '../harness';

const RUNS = 10_000;
const workspace = mkdtempSync(join(tmpdir(), 'sextant-bench-'));
const host = createTestHost({ workspace });

async function fill(): Promise<void> {
  const { database, close } = await openWorkspace({
    folder: workspace,
    keys: host.keys,
    log: silentLog,
    now: Date.now,
  });
  const dataset = createUlid(1);
  database
    .prepare(
      `INSERT INTO datasets (id, name, version, content_hash, created_at, manifest, quality, errors, warnings, infos)
       VALUES (?, 'sample', 1, 'h', 1, '{}', '{}', 0, 0, 0)`,
    )
    .run(dataset);
  const job = database.prepare(
    `INSERT INTO jobs (id, kind, subject, title, status, payload, created_at, finished_at) VALUES (?, 'run', ?, 't', 'succeeded', '{}', ?, ?)`,
  );
  const run = database.prepare(
    `INSERT INTO runs (id, name, job, dataset, created_at, config, provenance, headline, summary, sealed_at)
     VALUES (?, ?, ?, ?, ?, ?, '{}', ?, ?, ?)`,
  );
  const tag = database.prepare('INSERT INTO run_tags (run, name, value) VALUES (?, ?, ?)');
  // As large as a real summary of five strategies: the list must not have to read it.
  const summary = JSON.stringify({ filler: 'x'.repeat(20_000) });
  database.transaction(() => {
    for (let i = 0; i < RUNS; i++) {
      const at = 1_700_000_000_000 + i * 60_000;
      const id = createUlid(at);
      const jobId = createUlid(at);
      const sharpe = { value: Math.sin(i), low: Math.sin(i) - 1, high: Math.sin(i) + 1 };
      const headline = {
        sharpe,
        psr: 0.5,
        cagr: 0.1,
        maxDrawdown: -0.2,
        verdict: 'Not distinguishable.',
        distinguishable: false,
      };
      job.run(jobId, id, at, at);
      const config = { experiment: { name: `experiment ${i % 40}` } };
      run.run(
        id,
        `ridge-5d-2026-01-01-${id}`,
        jobId,
        dataset,
        at,
        JSON.stringify(config),
        JSON.stringify(headline),
        summary,
        at,
      );
      for (const [name, value] of [
        ['phase', i % 50 === 0 ? 'paper' : 'research'],
        ['data_version', 'sample@1'],
        ['owner', `person ${i % 7}`],
      ]) {
        tag.run(id, name, value);
      }
    }
  })();
  close();
}

await fill();
const engine = await createEngine(host);
const { runs, experiments } = createInlineClient(engine.router, 'bench');

async function all(): Promise<void> {
  for (let offset = 0; offset < RUNS; offset += 500) await runs.list({ limit: 500, offset });
}

const list = `list among ${RUNS.toLocaleString('en')} runs`;
await bench({ job: `${list}: newest 50`, goalMs: 100 }, [{ name: 'sextant', run: () => runs.list({}) }]);
await bench({ job: `${list}: newest 500`, goalMs: 100 }, [{ name: 'sextant', run: () => runs.list({ limit: 500 }) }]);
await bench({ job: `${list}: best Sharpe ratios first`, goalMs: 100 }, [
  { name: 'sextant', run: () => runs.list({ sort: 'sharpe' }) },
]);
await bench({ job: `${list}: one tag and a condition`, goalMs: 100 }, [
  { name: 'sextant', run: () => runs.list({ tag: ['phase=paper'], where: ['sharpe>0.5'] }) },
]);
await bench({ job: `${list}: searched text`, goalMs: 100 }, [
  { name: 'sextant', run: () => runs.list({ search: 'person 3' }) },
]);
await bench({ job: `${list}: experiments`, goalMs: 100 }, [{ name: 'sextant', run: () => experiments.list({}) }]);
await bench({ job: `${list}: all of them, in 20 pages`, rounds: 3 }, [{ name: 'sextant', run: all }]);

await engine.close();
rmSync(workspace, { recursive: true });
