/** What other programs hear of a run: that it ended, and what it proposes. Both are published in the transaction that ends the job. */
import type { WireError } from '#base/errors';
import type { ResearchResult } from '#quant/research/result';
import type { Publish } from '../topics/outbox';
import type { RunRow } from './run-table';

type Finished = Pick<RunRow, 'id' | 'job' | 'name' | 'experiment'>;

export function publishSucceeded(publish: Publish, row: Finished, portfolio: string, result: ResearchResult): void {
  publish('run.finished', { ...heading(row), status: 'succeeded', error: null });
  publish('weights.proposed', {
    portfolio,
    run: row.id,
    runName: row.name,
    strategy: result.strategies.find((strategy) => strategy.role === 'primary')?.name ?? '',
    decidedOn: result.next.decidedOn,
    fillOn: result.next.fillOn,
    positions: result.next.weights.filter(({ weight }) => weight !== 0).length,
  });
}

export function publishEnded(publish: Publish, row: Finished, { code, message }: WireError): void {
  const isCancelled = code === 'CANCELLED';
  publish('run.finished', {
    ...heading(row),
    status: isCancelled ? 'cancelled' : 'failed',
    error: isCancelled ? null : { code, message },
  });
}

const heading = ({ id, job, name, experiment }: Finished) => ({ run: id, job, name, experiment });
