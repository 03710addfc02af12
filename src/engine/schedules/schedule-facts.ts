/** What service levels and health ask about schedules: whether their data is fresh, and whether rebalances came on time. */
import { z } from 'zod';
import { sessionsBetween } from '#quant/calendar/nyse';
import type { Database } from '../store/database';

/** Where the parameters of a flow name the dataset that it uses or makes. */
const usesData = z.object({
  dataset: z.string().optional(),
  name: z.string().optional(),
  config: z.object({ data: z.object({ dataset: z.string() }) }).optional(),
});
const DATA_FLOWS = ['ingest', 'feature-build', 'model-train', 'rebalance'];

export interface DataAge {
  /** As the schedule names it. */
  readonly dataset: string;
  /** ISO day; null where there is no such dataset. */
  readonly lastDate: string | null;
  /** Sessions after the last day that ended before today; null where there is no such dataset. */
  readonly behind: number | null;
}

export interface ScheduleFactsOptions {
  readonly database: Database;
  now(): number;
  /** The last day of a dataset's prices, by reference. Throws where there is none. */
  lastDate(dataset: string): string;
}

export function createScheduleFacts({ database, now, lastDate }: ScheduleFactsOptions) {
  const schedules = database.prepare<[], { flow: string; params: string }>(
    'SELECT flow, params FROM schedules WHERE paused = 0',
  );
  const periods = database.prepare<[number, number], { due_at: number; status: string; finished_at: number | null }>(
    `SELECT due_at, coalesce(status, 'missing') AS status, finished_at FROM schedule_periods
     JOIN schedules ON schedules.id = schedule_periods.schedule
     LEFT JOIN flow_runs ON flow_runs.id = schedule_periods.flow_run
     WHERE schedules.flow = 'rebalance' AND due_at BETWEEN ? AND ?`,
  );

  function datasetsInUse(): readonly DataAge[] {
    const names = schedules.all().flatMap(({ flow, params }) => {
      if (!DATA_FLOWS.includes(flow)) return [];
      const { dataset, name, config } = usesData.parse(JSON.parse(params));
      const found = dataset ?? config?.data.dataset ?? name;
      return found === undefined ? [] : [found];
    });
    const yesterday = new Date(now() - 86_400_000).toISOString().slice(0, 10);
    return [...new Set(names)].map((dataset) => {
      try {
        const last = lastDate(dataset);
        return { dataset, lastDate: last, behind: sessionsBetween(last, yesterday) };
      } catch {
        return { dataset, lastDate: null, behind: null }; // made by its first ingest, or removed since
      }
    });
  }

  return {
    datasetsInUse,
    /** The furthest behind; infinite where a dataset is missing; null where no schedule uses data. */
    sessionsBehind(): number | null {
      const ages = datasetsInUse();
      return ages.length === 0 ? null : Math.max(...ages.map(({ behind }) => behind ?? Infinity));
    },
    /** Good: succeeded in time. Bad: not succeeded although the time is over, or failed. Neither: still running in time. */
    rebalances({ from, to, withinMs }: { readonly from: number; readonly to: number; readonly withinMs: number }) {
      let good = 0;
      let bad = 0;
      for (const { due_at, status, finished_at } of periods.all(from, to)) {
        const deadline = due_at + withinMs;
        if (status === 'succeeded' && finished_at !== null && finished_at <= deadline) good += 1;
        else if (to > deadline || ['failed', 'cancelled', 'succeeded'].includes(status)) bad += 1;
      }
      return { good, bad };
    },
  };
}
