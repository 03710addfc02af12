/** The log of the program: newest lines first, from a level on; a line opens what it carries. */
import { SegmentedControl } from '@mantine/core';
import { LOG_LEVELS } from '#base/log';
import type { LogLine } from '#contract/logs';
import { instant } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { Chip, type Tone } from '#renderer/ui/chip';
import { DataTable, type Column } from '#renderer/ui/data-table';
import { RemoteView } from '#renderer/ui/remote-view';
import { readPart, showLevel, useMonitor } from './monitor-store';

const TONE: Readonly<Record<LogLine['level'], Tone>> = {
  debug: 'neutral',
  info: 'neutral',
  warn: 'warn',
  error: 'danger',
};

const factsOf = ({ fields, job, correlation }: LogLine): string =>
  Object.entries({ ...fields, ...(job !== null && { job }), ...(correlation !== null && { correlation }) })
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');

const columns: readonly Column<LogLine>[] = [
  {
    id: 'at',
    title: 'Time',
    value: ({ at }) => at,
    cell: ({ at }) => <span title={at}>{instant(at)}</span>,
    width: 150,
  },
  {
    id: 'level',
    title: 'Level',
    value: ({ level }) => level,
    cell: ({ level }) => <Chip tone={TONE[level]}>{level}</Chip>,
    width: 84,
  },
  { id: 'component', title: 'Part', value: ({ component }) => component, width: 100 },
  { id: 'message', title: 'Message', value: ({ message }) => message, clip: true },
  { id: 'facts', title: 'Facts', value: factsOf, clip: true, width: '45%' },
];

export function LogCard() {
  const log = useMonitor((state) => state.log);
  const level = useMonitor((state) => state.logLevel);
  return (
    <Card
      title="Log"
      span={12}
      flush
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Lines at least this serious"
          data={[...LOG_LEVELS]}
          value={level}
          onChange={(next) => showLevel(LOG_LEVELS.find((known) => known === next) ?? 'info')}
        />
      }
    >
      <RemoteView remote={log} what="the log" lines={8} retry={() => void readPart('log')}>
        {(lines) =>
          lines.length === 0 ? (
            <p className="faint padded">No line of this level.</p>
          ) : (
            <DataTable
              label="Log, table"
              rows={lines}
              columns={columns}
              rowId={({ at, seq }) => `${at} ${seq}`}
              height={320}
            />
          )
        }
      </RemoteView>
    </Card>
  );
}
