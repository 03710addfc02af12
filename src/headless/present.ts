/** Answers as text for people. What has no form of its own is shown as names and values, lists of things as tables. */
import type { Client } from '#contract/client';
import type { JobEvent } from '#contract/jobs';
import {
  presentAssets,
  presentDataset,
  presentDatasets,
  presentPreview,
  presentQuality,
  presentRejects,
} from './present-datasets';
import {
  presentAccesses,
  presentAuditEntries,
  presentAuditVerdict,
  presentConnections,
  presentRetention,
} from './present-privacy';
import { isLogLine, presentLogLine, presentLogLines } from './present-logs';
import { presentBackups } from './present-backups';
import { presentHoldings, presentKillSwitch, presentOrderList, presentOrderLists, presentPlan } from './present-orders';
import { presentPortfolio, presentPortfolios, presentTrades } from './present-portfolios';
import { presentVerification, presentVersion, presentVersionComparison, presentVersions } from './present-registry';
import { presentComparison, presentRun, presentRuns } from './present-runs';
import { presentDevices, presentHealth, presentSlos, presentStorage } from './present-system';
import { presentIssued, presentTokens } from './present-tokens';
import { formatTable, show, type Cell } from './table';

type Presenter = (answer: never) => string;

const presenters: Readonly<Record<string, Presenter>> = {
  'system.devices': presentDevices,
  'system.storage': presentStorage,
  'system.health': presentHealth,
  'slos.list': presentSlos,
  'datasets.list': presentDatasets,
  'datasets.show': presentDataset,
  'datasets.quality': presentQuality,
  'datasets.rejects': presentRejects,
  'datasets.assets': presentAssets,
  'datasets.preview': presentPreview,
  'runs.list': presentRuns,
  'runs.show': presentRun,
  'runs.compare': presentComparison,
  'registry.list': presentVersions,
  'registry.show': presentVersion,
  'registry.register': presentVersion,
  'registry.rollback': presentVersion,
  'registry.alias': presentVersion,
  'registry.compare': presentVersionComparison,
  'registry.verify': presentVerification,
  'portfolios.list': presentPortfolios,
  'portfolios.show': presentPortfolio,
  'portfolios.trades': presentTrades,
  'holdings.show': presentHoldings,
  'orders.preview': presentPlan,
  'orders.propose': presentOrderList,
  'orders.show': presentOrderList,
  'orders.list': presentOrderLists,
  'orders.switch': presentKillSwitch,
  'orders.kill': presentKillSwitch,
  'orders.lift': presentKillSwitch,
  'jobs.list': presentJobs,
  'jobs.workers': presentWorkers,
  'backups.list': presentBackups,
  'catalog.show': presentCatalog,
  'logs.list': presentLogLines,
  'audit.list': presentAuditEntries,
  'audit.verify': presentAuditVerdict,
  'audit.accesses': presentAccesses,
  'privacy.retention': presentRetention,
  'privacy.connections': presentConnections,
  'tokens.list': presentTokens,
  'tokens.create': presentIssued,
  'tokens.rotate': presentIssued,
};

export function present(operation: string, answer: unknown): string {
  const presenter = presenters[operation];
  return presenter === undefined ? presentAnything(answer) : presenter(answer as never); // the table pairs them by name
}

/** One line per event of a stream. */
export function presentEvent(event: unknown): string {
  if (isLogLine(event)) return presentLogLine(event);
  if (!isJobEvent(event)) return `${JSON.stringify(event)}\n`;
  const what =
    event.type === 'status'
      ? `${event.status}${event.error === undefined ? '' : `: ${event.error.code}: ${event.error.message}`}`
      : event.type === 'log'
        ? `${event.level}: ${event.message}`
        : `${event.progress.stage} ${event.progress.detail} ${event.progress.step}/${event.progress.of}`;
  return `${String(event.seq).padStart(5)}  ${event.at}  ${what}\n`;
}

function isJobEvent(event: unknown): event is JobEvent {
  return typeof event === 'object' && event !== null && 'type' in event && 'seq' in event && 'at' in event;
}

function presentJobs({ jobs }: Awaited<ReturnType<Client['jobs']['list']>>): string {
  if (jobs.length === 0) return 'No jobs.\n';
  return formatTable(jobs, [
    { title: 'ID', value: ({ id }) => id },
    { title: 'KIND', value: ({ kind }) => kind },
    { title: 'TITLE', value: ({ title }) => title },
    {
      title: 'STATUS',
      value: ({ status, paused, quarantinedAt }) =>
        quarantinedAt !== null ? 'quarantined' : paused ? 'paused' : status,
    },
    { title: 'CREATED', value: ({ createdAt }) => createdAt },
    { title: 'ERROR', value: ({ error }) => (error === null ? '' : `${error.code}: ${error.message}`), most: 70 },
  ]);
}

function presentWorkers({ workers }: Awaited<ReturnType<Client['jobs']['workers']>>): string {
  const table = formatTable(workers, [
    { title: 'WORKERS', value: ({ role }) => role },
    { title: 'STATE', value: ({ stoppedAt }) => (stoppedAt === null ? 'started as needed' : `stopped ${stoppedAt}`) },
    { title: 'MEMORY', value: ({ memoryBytes }) => `${Math.round(memoryBytes / 2 ** 20)} MiB`, align: 'right' },
    { title: 'CRASHES', value: ({ crashes }) => crashes.map(({ reason }) => reason).join(', '), most: 60 },
  ]);
  const stopped = workers.filter(({ stoppedAt }) => stoppedAt !== null);
  const hints = stopped.map(({ role }) => `Start them again once the cause is mended: sextant jobs restart ${role}\n`);
  return [table, ...(hints.length > 0 ? ['\n', ...hints] : [])].join('');
}

function presentCatalog(catalog: Awaited<ReturnType<Client['catalog']['show']>>): string {
  const section = (title: string, entries: typeof catalog.models) =>
    `${title}\n${formatTable(
      entries,
      [
        { title: 'ID', value: ({ id }) => id },
        { title: 'SUMMARY', value: ({ summary }) => summary, most: 100 },
      ],
      '  ',
    )}`;
  return [
    section('Forecast models', catalog.models),
    section('Optimizers', catalog.optimizers),
    section('Features', catalog.features),
  ].join('\n');
}

const MOST_LISTED = 12;

function presentAnything(value: unknown, indent = ''): string {
  if (!isRecord(value)) return `${indent}${show(asCell(value))}\n`;
  const width = Math.max(0, ...Object.keys(value).map((name) => name.length));
  return Object.entries(value)
    .map(([name, item]) => {
      if (Array.isArray(item)) return presentList(name.padEnd(width), item, indent);
      if (isRecord(item)) return `${indent}${name}\n${presentAnything(item, `${indent}  `)}`;
      return `${indent}${name.padEnd(width)}  ${show(asCell(item))}\n`;
    })
    .join('');
}

function presentList(name: string, items: readonly unknown[], indent: string): string {
  const records = items.filter(isRecord);
  if (records.length === 0 || records.length < items.length) {
    const rest = items.length > MOST_LISTED ? ` … (${items.length} in all)` : '';
    return `${indent}${name}  ${items
      .slice(0, MOST_LISTED)
      .map((item) => show(asCell(item)))
      .join(', ')}${rest}\n`;
  }
  const names = Object.keys(records[0]).filter((key) => !isRecord(records[0][key]) && !Array.isArray(records[0][key]));
  const columns = names.map((key) => ({
    title: key,
    value: (row: Record<string, unknown>) => asCell(row[key]),
    most: 40,
  }));
  return `${indent}${name.trimEnd()}\n${formatTable(records, columns, `${indent}  `)}`;
}

function asCell(value: unknown): Cell {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') return value;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
