/** Rows of `job_memory`: the use of the card's memory while a job ran, one compact series per job. */
import { vramSeriesSchema, type VramSeries } from '#contract/vram';
import type { Database } from './database';

/** Replaces what was stored of the job before. */
export function saveJobMemory(database: Database, job: string, series: VramSeries): void {
  database
    .prepare(
      'INSERT INTO job_memory (job, series) VALUES (?, ?) ON CONFLICT (job) DO UPDATE SET series = excluded.series',
    )
    .run(job, JSON.stringify(series));
}

/** Null where nothing was ever known of the card while the job ran. */
export function findJobMemory(database: Database, job: string): VramSeries | null {
  const text = database.prepare<[string], string>('SELECT series FROM job_memory WHERE job = ?').pluck().get(job);
  return text === undefined ? null : vramSeriesSchema.parse(JSON.parse(text));
}
