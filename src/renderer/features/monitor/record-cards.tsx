/** What proves itself afterwards: backups, the network log whose emptiness is the good state, and the audit trail. */
import { Button } from '@mantine/core';
import { useEffect } from 'react';
import { ago, bytes, instant, integer, plural } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { Chip } from '#renderer/ui/chip';
import { DataTable, type Column } from '#renderer/ui/data-table';
import { RemoteView } from '#renderer/ui/remote-view';
import { useDatasets } from '../datasets/datasets-store';
import { usePrivacy, verifyAudit } from '../privacy/privacy-store';
import { followBackups, readBackups, useSafety } from '../settings/safety-store';
import { readPart, useMonitor, type AuditList, type ConnectionList } from './monitor-store';

export function AgesCard() {
  const backups = useSafety((state) => state.backups);
  const datasets = useDatasets((state) => state.list.value);
  useEffect(followBackups, []);
  const now = Date.now();
  return (
    <Card title="Backups and data" span={6}>
      <RemoteView remote={backups} what="the backups" lines={4} retry={() => void readBackups()}>
        {({ backups: rows, problem, lastDrill }) => (
          <dl className="facts">
            <dt>Newest backup</dt>
            <dd>
              {rows.length === 0 ? (
                'none yet'
              ) : (
                <span title={instant(rows[0].createdAt)}>
                  {ago(rows[0].createdAt, now)}, {bytes(rows[0].databaseBytes + rows[0].objectBytes)}
                </span>
              )}
              {problem !== null && <Chip tone="danger">{problem}</Chip>}
            </dd>
            <dt>Kept</dt>
            <dd>{plural(rows.length, 'backup')}</dd>
            <dt>Restore drill</dt>
            <dd>
              {lastDrill === null
                ? 'not yet tried'
                : `${lastDrill.passed ? 'passed' : 'FAILED'} ${ago(lastDrill.at, now)}`}
            </dd>
            {(datasets ?? []).slice(0, 6).map(({ id, name, version, manifest }) => (
              <div key={id} className="facts-row">
                <dt className="clip" title={name}>
                  {name} v{version}
                </dt>
                <dd>
                  to {manifest.lastDate}, {ago(`${manifest.lastDate}T00:00:00Z`, now)}
                </dd>
              </div>
            ))}
          </dl>
        )}
      </RemoteView>
    </Card>
  );
}

type ConnectionRow = ConnectionList['connections'][number];
const connectionColumns: readonly Column<ConnectionRow>[] = [
  { id: 'at', title: 'Time', value: ({ at }) => at, cell: ({ at }) => instant(at) },
  { id: 'host', title: 'Host', value: ({ host, port }) => `${host}:${port}`, clip: true },
  {
    id: 'outcome',
    title: 'Outcome',
    value: ({ outcome }) => outcome,
    cell: ({ outcome }) => <Chip tone={outcome === 'refused' ? 'warn' : 'neutral'}>{outcome}</Chip>,
  },
];

export function NetworkCard() {
  const connections = useMonitor((state) => state.connections);
  return (
    <Card title="Network log" span={6} flush={(connections.value?.total ?? 0) > 0}>
      <RemoteView remote={connections} what="the network log" retry={() => void readPart('connections')}>
        {({ connections: rows, total }) =>
          total === 0 ? (
            <div className="stack tight">
              <p>
                <Chip tone="gain">
                  <span aria-hidden="true">✓</span>empty
                </Chip>
              </p>
              <p className="secondary">
                No connection to another machine was tried. Every attempt would be listed here, also one that was
                refused.
              </p>
            </div>
          ) : (
            <DataTable
              label="Network log, table"
              rows={rows}
              columns={connectionColumns}
              rowId={({ seq }) => String(seq)}
              height={240}
            />
          )
        }
      </RemoteView>
    </Card>
  );
}

type AuditRow = AuditList['entries'][number];
const auditColumns: readonly Column<AuditRow>[] = [
  { id: 'seq', title: 'Row', value: ({ seq }) => seq, right: true, width: 72 },
  { id: 'at', title: 'Time', value: ({ at }) => at, cell: ({ at }) => instant(at), width: 170 },
  { id: 'actor', title: 'Actor', value: ({ actor }) => actor, clip: true, width: 140 },
  { id: 'action', title: 'Action', value: ({ action }) => action, clip: true, width: 220 },
  { id: 'object', title: 'Object', value: ({ object }) => object, clip: true },
  {
    id: 'outcome',
    title: 'Outcome',
    value: ({ detail }) => (typeof detail.code === 'string' ? detail.code : null),
    width: 150,
  },
];

export function AuditCard() {
  const audit = useMonitor((state) => state.audit);
  const verdict = usePrivacy((state) => state.verdict);
  return (
    <Card
      title="Audit trail"
      span={12}
      flush
      actions={
        <span className="row">
          {verdict?.value !== null && verdict?.value !== undefined && (
            <span role="status" className="caption">
              {verdict.value.intact
                ? `Intact: ${integer(verdict.value.rows)} rows proved.`
                : `Not intact: ${verdict.value.fault?.problem ?? 'unknown'}`}
            </span>
          )}
          <Button
            size="compact-sm"
            variant="default"
            disabled={verdict?.loading === true}
            onClick={() => void verifyAudit()}
          >
            Verify
          </Button>
        </span>
      }
    >
      <RemoteView remote={audit} what="the audit trail" lines={8} retry={() => void readPart('audit')}>
        {({ entries }) => (
          <DataTable
            label="Audit trail, table"
            rows={entries}
            columns={auditColumns}
            rowId={({ seq }) => String(seq)}
            height={320}
          />
        )}
      </RemoteView>
    </Card>
  );
}
