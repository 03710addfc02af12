/** The operations of `contract/reports.ts`. */
import { AppError } from '#base/errors';
import type { HandlersOf } from '../api/handlers';
import type { PortfolioService } from '../portfolios/portfolio-service';
import { decodeSeries } from '../runs/run-documents';
import { toRun, type RunService } from '../runs/run-service';
import { performanceReport } from './performance-report';

export interface ReportHandlerOptions {
  readonly runs: RunService;
  readonly portfolios: PortfolioService;
}

export function createReportHandlers({ runs, portfolios }: ReportHandlerOptions): HandlersOf<'reports'> {
  return {
    create: async ({ run: ref, kind }) => {
      const run = toRun(runs.find(ref, { finished: true }));
      if (run.status !== 'succeeded') {
        throw new AppError(
          'CONFLICT',
          `Expected a finished run, found ${run.name} ${run.status}. Wait for it, or choose another.`,
        );
      }
      const series = decodeSeries(await runs.resultBytes(run.id));
      const portfolio = run.portfolio === null ? null : portfolios.show(run.portfolio);
      return {
        filename: `${kind}-${run.name}.html`,
        mediaType: 'text/html',
        text: performanceReport({ run, series, portfolio }),
      };
    },
  };
}
