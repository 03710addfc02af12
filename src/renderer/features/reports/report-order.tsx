/** What a report is asked for with: run, kind, formats, language and paper. */
import { Button, Checkbox, Group, Select } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { REPORT_FORMATS, REPORT_KINDS, type ReportFormat, type ReportKind } from '#contract/reports';
import type { RunSummary } from '#contract/runs';
import { toAppError } from '#renderer/app/client';
import { shortName } from '#renderer/format';
import { makeReport, type ReportOrder } from './reports-store';

const KIND_WORDS: Readonly<Record<ReportKind, string>> = {
  summary: 'Executive summary (one page)',
  performance: 'Performance, in full',
  comparison: 'Strategy comparison',
  recommendation: 'Strategy recommendation',
  rebalance: 'Rebalance',
  risk: 'Risk and compliance',
  model: 'Model card',
  dataset: 'Dataset card and quality',
  live: 'Live validation, 30 days',
  daily: 'Daily snapshot',
};
const FORMAT_WORDS: Readonly<Record<ReportFormat, string>> = {
  pdf: 'PDF',
  xlsx: 'Excel',
  html: 'HTML',
  md: 'Markdown',
  json: 'JSON',
};

export interface ReportOrderFormProps {
  readonly runs: readonly RunSummary[];
  onMade(report: string): void;
}

export function ReportOrderForm({ runs, onMade }: ReportOrderFormProps) {
  const [order, setOrder] = useState<ReportOrder>({
    run: runs[0]?.id ?? 'latest',
    kind: 'performance',
    formats: ['html', 'pdf', 'xlsx'],
    locale: 'en',
    paper: 'a4',
  });
  const [busy, setBusy] = useState(false);
  const set = (change: Partial<ReportOrder>) => setOrder({ ...order, ...change });
  const produce = () => {
    setBusy(true);
    makeReport(order)
      .then(onMade)
      .catch((error: unknown) =>
        notifications.show({ color: 'red', title: 'The report was not made', message: toAppError(error).message }),
      )
      .finally(() => setBusy(false));
  };
  const toggle = (format: ReportFormat, wanted: boolean) =>
    set({ formats: REPORT_FORMATS.filter((item) => (item === format ? wanted : order.formats.includes(item))) });
  return (
    <div className="stack">
      <Select
        label="Run"
        data={runs.map(({ id, name }) => ({ value: id, label: shortName(name) }))}
        value={order.run}
        allowDeselect={false}
        searchable
        onChange={(run) => set({ run: run ?? 'latest' })}
      />
      <Select
        label="Kind"
        data={REPORT_KINDS.map((value) => ({ value, label: KIND_WORDS[value] }))}
        value={order.kind}
        allowDeselect={false}
        onChange={(kind) => set({ kind: REPORT_KINDS.find((item) => item === kind) ?? 'performance' })}
      />
      <Group gap="md" role="group" aria-label="Formats">
        {REPORT_FORMATS.map((format) => (
          <Checkbox
            key={format}
            label={FORMAT_WORDS[format]}
            checked={format === 'html' || order.formats.includes(format)}
            disabled={format === 'html'}
            onChange={(event) => toggle(format, event.currentTarget.checked)}
          />
        ))}
      </Group>
      <Group grow>
        <Select
          label="Language"
          data={[
            { value: 'en', label: 'English' },
            { value: 'de', label: 'Deutsch' },
          ]}
          value={order.locale}
          allowDeselect={false}
          onChange={(locale) => set({ locale: locale === 'de' ? 'de' : 'en' })}
        />
        <Select
          label="Paper"
          data={[
            { value: 'a4', label: 'A4' },
            { value: 'letter', label: 'Letter' },
          ]}
          value={order.paper}
          allowDeselect={false}
          onChange={(paper) => set({ paper: paper === 'letter' ? 'letter' : 'a4' })}
        />
      </Group>
      <Button onClick={produce} loading={busy}>
        Produce
      </Button>
    </div>
  );
}
