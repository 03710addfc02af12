/** What runs by itself: schedules with their next due moment, and the history of flow runs. */
import type { FlowRunStatus, FlowRunSummary } from '#contract/flows';
import type { Schedule } from '#contract/schedules';
import { ago, duration, instant, words } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { Chip, type Tone } from '#renderer/ui/chip';
import { DataTable, type Column } from '#renderer/ui/data-table';
import { RemoteView } from '#renderer/ui/remote-view';
import { readPart, useMonitor } from './monitor-store';

const TONE: Readonly<Record<FlowRunStatus, Tone>> = {
  queued: 'neutral',
  running: 'accent',
  succeeded: 'gain',
  failed: 'danger',
  cancelled: 'neutral',
};

function FlowChip({ status }: { readonly status: FlowRunStatus }) {
  return <Chip tone={TONE[status]}>{status}</Chip>;
}

const timing = ({ cron, everySeconds, timeZone, days }: Schedule): string =>
  cron === null
    ? `every ${duration((everySeconds ?? 0) * 1000)}`
    : `${cron} ${timeZone}${days === 'every-day' ? '' : `, ${words(days)}`}`;

const scheduleColumns: readonly Column<Schedule>[] = [
  { id: 'name', title: 'Schedule', value: ({ name }) => name, clip: true },
  { id: 'flow', title: 'Flow', value: ({ flow }) => flow },
  { id: 'timing', title: 'When', value: timing, clip: true, width: 170 },
  {
    id: 'next',
    title: 'Next',
    value: ({ nextAt, paused }) => (paused ? 'paused' : nextAt),
    cell: ({ nextAt, paused }) => (paused ? <Chip>paused</Chip> : instant(nextAt)),
  },
  {
    id: 'last',
    title: 'Last',
    value: ({ last }) => last?.status ?? null,
    cell: ({ last }) => (last === null ? '–' : <FlowChip status={last.status} />),
  },
];

export function SchedulesCard() {
  const schedules = useMonitor((state) => state.schedules);
  return (
    <Card title="Schedules" span={6} flush>
      <RemoteView remote={schedules} what="the schedules" retry={() => void readPart('schedules')}>
        {({ schedules: rows, heldUntil }) => (
          <>
            {heldUntil !== null && (
              <p className="notice" data-tone="warn" role="status">
                The clock of this machine has leapt; schedules wait until {instant(heldUntil)}.
              </p>
            )}
            {rows.length === 0 ? (
              <p className="faint padded">
                Nothing runs by itself yet. Make one: <code>sextant schedules create</code>.
              </p>
            ) : (
              <DataTable
                label="Schedules, table"
                rows={rows}
                columns={scheduleColumns}
                rowId={({ id }) => id}
                height={240}
              />
            )}
          </>
        )}
      </RemoteView>
    </Card>
  );
}

function spent({ startedAt, finishedAt }: FlowRunSummary): number | null {
  return startedAt === null || finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(startedAt);
}

const runColumns: readonly Column<FlowRunSummary>[] = [
  {
    id: 'created',
    title: 'Started',
    value: ({ createdAt }) => createdAt,
    cell: ({ createdAt }) => <span title={instant(createdAt)}>{ago(createdAt, Date.now())}</span>,
  },
  { id: 'flow', title: 'Flow', value: ({ flow }) => flow },
  { id: 'schedule', title: 'Schedule', value: ({ schedule }) => schedule ?? 'by hand', clip: true },
  {
    id: 'status',
    title: 'Status',
    value: ({ status }) => status,
    cell: ({ status, late }) => (
      <>
        <FlowChip status={status} /> {late && <Chip tone="warn">late</Chip>}
      </>
    ),
  },
  { id: 'took', title: 'Took', value: spent, cell: (run) => duration(spent(run)), right: true },
  { id: 'why', title: 'Why', value: ({ error, note }) => error?.message ?? note, clip: true },
];

export function FlowHistoryCard() {
  const runs = useMonitor((state) => state.flowRuns);
  return (
    <Card title="Flow history" span={6} flush>
      <RemoteView remote={runs} what="the history of flows" retry={() => void readPart('flowRuns')}>
        {(rows) =>
          rows.length === 0 ? (
            <p className="faint padded">No flow has run yet.</p>
          ) : (
            <DataTable
              label="Flow history, table"
              rows={rows}
              columns={runColumns}
              rowId={({ id }) => id}
              height={240}
            />
          )
        }
      </RemoteView>
    </Card>
  );
}
