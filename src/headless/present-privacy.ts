/** The audit log, the access and network logs, and retention as text for people. */
import type { Client } from '#contract/client';
import { formatTable } from './table';

type Answer<Noun extends keyof Client, Name extends keyof Client[Noun]> = Client[Noun][Name] extends (
  ...args: never[]
) => Promise<infer Result>
  ? Result
  : never;

export function presentAuditEntries({ entries, total }: Answer<'audit', 'list'>): string {
  if (entries.length === 0) return 'No entries.\n';
  const table = formatTable(entries, [
    { title: 'ROW', value: ({ seq }) => seq },
    { title: 'TIME', value: ({ at }) => at },
    { title: 'ACTOR', value: ({ actor }) => actor },
    { title: 'ACTION', value: ({ action }) => action },
    { title: 'OBJECT', value: ({ object }) => object, most: 40 },
    { title: 'OUTCOME', value: ({ detail }) => (typeof detail.code === 'string' ? detail.code : '') },
  ]);
  return `${table}${entries.length} of ${total} entries.\n`;
}

export function presentAuditVerdict({ intact, rows, anchors, head, fault, ms }: Answer<'audit', 'verify'>): string {
  if (intact) return `The audit log is intact: ${rows} rows up to ${head}, ${anchors} anchors, in ${ms} ms.\n`;
  const where = fault?.seq === null || fault === null ? '' : ` at row ${fault.seq}`;
  return `The audit log was tampered with${where}: ${fault?.problem ?? 'unknown'}\n`;
}

export function presentAccesses({ accesses, total }: Answer<'audit', 'accesses'>): string {
  if (accesses.length === 0) return 'Nobody has read weights, holdings or trades.\n';
  const table = formatTable(accesses, [
    { title: 'TIME', value: ({ at }) => at },
    { title: 'ACTOR', value: ({ actor }) => actor },
    { title: 'ROAD', value: ({ transport }) => transport },
    { title: 'READ', value: ({ operation }) => operation },
    { title: 'OBJECT', value: ({ object }) => object, most: 40 },
  ]);
  return `${table}${accesses.length} of ${total} reads.\n`;
}

export function presentRetention({ kinds, blocked }: Answer<'privacy', 'retention'>): string {
  const table = formatTable(kinds, [
    { title: 'KIND', value: ({ title }) => title },
    { title: 'KEEP', value: ({ days }) => (days === null ? 'for ever' : `${days} days`) },
    { title: 'DUE', value: ({ due }) => due },
    { title: 'KEPT', value: ({ kept }) => kept },
  ]);
  return blocked === null ? table : `${table}${blocked}\n`;
}

export function presentConnections({ connections, total }: Answer<'privacy', 'connections'>): string {
  if (connections.length === 0) return 'No connection to another machine was tried.\n';
  const table = formatTable(connections, [
    { title: 'TIME', value: ({ at }) => at },
    { title: 'HOST', value: ({ host }) => host, most: 60 },
    { title: 'PORT', value: ({ port }) => port },
    { title: 'OUTCOME', value: ({ outcome }) => outcome },
  ]);
  return `${table}${connections.length} of ${total} attempts.\n`;
}
