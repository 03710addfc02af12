/** Reports: choose and produce on the left, with the history below; on the right the document itself. */
import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { Report, ReportFormat } from '#contract/reports';
import { toAppError } from '#renderer/app/client';
import { download } from '#renderer/download';
import { ago, bytes, instant, plural } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { StatusChip } from '#renderer/ui/chip';
import { EmptyState } from '#renderer/ui/empty-state';
import { Page } from '#renderer/ui/page';
import { RemoteView } from '#renderer/ui/remote-view';
import { readRuns, useRuns } from '../runs/runs-store';
import { ReportOrderForm } from './report-order';
import { exportReport, readPreview, readReports, removeReport, useReports } from './reports-store';

function fail(title: string) {
  return (error: unknown) => notifications.show({ color: 'red', title, message: toAppError(error).message });
}

function save(report: string, format: ReportFormat): void {
  exportReport(report, format)
    .then(({ filename, content, mediaType }) => download(filename, content, mediaType))
    .catch(fail('Nothing was exported'));
}

interface HistoryProps {
  readonly reports: readonly Report[];
  readonly shown: string | null;
  show(report: string): void;
}

function History({ reports, shown, show }: HistoryProps) {
  const now = Date.now();
  return (
    <ul className="plain-list">
      {reports.map((report) => (
        <li key={report.id} aria-current={report.id === shown}>
          <Button
            variant={report.id === shown ? 'light' : 'subtle'}
            size="compact-sm"
            fullWidth
            justify="start"
            onClick={() => show(report.id)}
          >
            <span className="clip" title={report.title}>
              {report.title}
            </span>
          </Button>
          <p className="faint">
            <span title={instant(report.createdAt)}>{ago(report.createdAt, now)}</span> · kept until{' '}
            {report.expiresAt.slice(0, 10)} · <StatusChip status={report.status} />
          </p>
        </li>
      ))}
    </ul>
  );
}

function Shown({ report }: { readonly report: Report }) {
  const preview = useReports((state) => state.previews[report.id]);
  useEffect(() => {
    void readPreview(report.id);
  }, [report.id]);
  return (
    <Card
      title={report.title}
      flush
      fill
      actions={
        <Group gap="xs" wrap="nowrap">
          {report.files.map(({ format, bytes: size }) => (
            <Button
              key={format}
              size="compact-sm"
              variant="default"
              title={`Export, ${bytes(size)}`}
              onClick={() => save(report.id, format)}
            >
              {format.toUpperCase()}
            </Button>
          ))}
          <Button
            size="compact-sm"
            variant="subtle"
            color="red"
            onClick={() => void removeReport(report.id).catch(fail('Nothing was removed'))}
          >
            Remove
          </Button>
        </Group>
      }
    >
      <RemoteView remote={preview} what="the report" lines={20} retry={() => void readPreview(report.id)}>
        {(html) => (
          <iframe
            title={report.title}
            srcDoc={html}
            sandbox=""
            style={{ width: '100%', height: '72vh', border: 0, background: '#fff' }}
          />
        )}
      </RemoteView>
    </Card>
  );
}

export function ReportsPage() {
  const list = useReports((state) => state.list);
  const runs = useRuns((state) => state.list);
  const [chosen, setChosen] = useState<string | null>(null);
  useEffect(() => {
    void readReports();
    void readRuns();
  }, []);
  const finished = (runs.value ?? []).filter(({ status }) => status === 'succeeded');
  const reports = list.value ?? [];
  const shown = reports.find(({ id }) => id === chosen) ?? reports.find(({ status }) => status === 'succeeded');
  return (
    <Page title="Reports" sentence={list.value === null ? undefined : plural(reports.length, 'report')}>
      <div className="grid">
        <div className="stack" style={{ gridColumn: 'span 3' }}>
          <Card title="Produce">
            {finished.length === 0 ? (
              <EmptyState
                title="No finished run"
                text="A report is made of a finished run."
                actions={
                  <Button component={Link} to="/research/new">
                    New run
                  </Button>
                }
              />
            ) : (
              <ReportOrderForm runs={finished} onMade={setChosen} />
            )}
          </Card>
          <Card title="History">
            <RemoteView remote={list} what="the reports" retry={() => void readReports()}>
              {(found) => <History reports={found} shown={shown?.id ?? null} show={setChosen} />}
            </RemoteView>
          </Card>
        </div>
        <div style={{ gridColumn: 'span 9' }}>
          {shown === undefined ? (
            <Card>
              <EmptyState
                title="No report yet"
                text="Choose a run and a kind, then Produce. The document appears here."
              />
            </Card>
          ) : (
            <Shown report={shown} />
          )}
        </div>
      </div>
    </Page>
  );
}
