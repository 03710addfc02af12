/**
 * Dashboard and rules are files that Prometheus and Grafana would take, and what they name exists: every metric, label and label value, in
 * the scrape of a host that has done the whole job.
 */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { serveApi } from '#engine/api/serve-api';
import { createTestHost, openTestEngine } from '../support/engine-host';
import { readPrometheusText, type Family } from '../support/prometheus-text';
import { namesOf } from '../support/promql';

const FOLDER = 'resources/observability';
const duration = z.string().regex(/^(\d+(ms|[smhdwy]))+$/);
const metricName = z.string().regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/);
const texts = z.record(z.string().regex(/^[a-z_]+$/), z.string());
/** As in Prometheus' documentation, "Defining recording rules" and "Alerting rules". */
const rulesSchema = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      interval: duration.optional(),
      rules: z.array(
        z.union([
          z.strictObject({ record: metricName, expr: z.string(), labels: texts.optional() }),
          z.strictObject({
            alert: z.string().regex(/^[A-Za-z]+$/),
            expr: z.string(),
            for: duration.optional(),
            labels: z.strictObject({ severity: z.enum(['warning', 'error', 'critical']) }),
            annotations: z.strictObject({ summary: z.string(), description: z.string() }),
          }),
        ]),
      ),
    }),
  ),
});
const panelSchema = z.object({
  id: z.int(),
  title: z.string().min(1),
  type: z.enum(['timeseries', 'stat']),
  gridPos: z.strictObject({ x: z.int().gte(0), y: z.int().gte(0), w: z.int().gte(1), h: z.int().gte(1) }),
  targets: z.array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string() })).min(1),
});
const dashboardSchema = z.object({
  title: z.string(),
  uid: z.string(),
  schemaVersion: z.int().gte(36),
  panels: z.array(panelSchema),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
});

const rules = rulesSchema
  .parse(parse(readFileSync(`${FOLDER}/prometheus-rules.yml`, 'utf8')))
  .groups.flatMap((group) => group.rules);
const dashboard = dashboardSchema.parse(JSON.parse(readFileSync(`${FOLDER}/grafana-dashboard.json`, 'utf8')));
const expressions = [
  ...rules.map(({ expr }) => expr),
  ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
];
const recorded = new Set(rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])));

let scrape: ReadonlyMap<string, Family>;

/** A market, a run, a report, a backup, a schedule, a flow, an alert: then what a scrape shows. */
beforeAll(async () => {
  await using host = await openTestEngine();
  const { client } = host;
  const api = await serveApi({
    engine: host.engine,
    host: createTestHost({ workspace: host.workspace }),
    port: 0,
    rendererDir: null,
  });
  const headers = { 'x-api-token': readFileSync(api.tokenFile, 'utf8') };
  await host.finished((await client.datasets.generate({ name: 'sample' })).job);
  const config = {
    data: { dataset: 'sample', from: '2021-01-01' },
    model: { forecast: null, optimizer: { id: 'inverse-volatility' as const } },
    backtest: { window: { train: 126 }, lookback: 63 },
    experiment: { bootstrap: { replications: 100 } },
  };
  const { run, job } = await client.runs.start({ config });
  expect((await host.finished(job)).status).toBe('succeeded');
  await host.finished((await client.reports.create({ run, kind: 'performance', format: ['json'] })).job);
  await client.backups.create({});
  await client.schedules.create({ name: 'often', flow: 'backup', params: {}, everySeconds: 86_400 });
  await client.flows.start({ flow: 'retention', params: {} });
  await client.system.health({});
  for (let i = 0; i < 25; i++) await fetch(`${api.url}/api/v1/runs`, { headers });
  scrape = readPrometheusText(await (await fetch(`${api.url}/metrics`, { headers })).text());
  await api.close();
}, 180_000);

/** What `expression` names and the scrape does not have. */
function missing(expression: string): string[] {
  const { metrics, matchers, groupings } = namesOf(expression);
  const families = new Map<string, Family>();
  for (const name of metrics) {
    const family = scrape.get(name) ?? scrape.get(name.replace(/_(bucket|sum|count)$/, ''));
    if (family !== undefined) families.set(name, family);
  }
  const known = (metric: string) => metric === 'up' || recorded.has(metric);
  const labels = new Set(['le', 'job', 'instance']);
  for (const { samples } of families.values())
    for (const sample of samples) for (const label of Object.keys(sample.labels)) labels.add(label);
  return [
    ...metrics.filter((name) => !families.has(name) && !known(name)),
    ...groupings.filter((label) => !labels.has(label)).map((label) => `by ${label}`),
    ...matchers.filter(({ metric, label }) => !known(metric) && !labels.has(label)).map(({ label }) => `{${label}}`),
  ];
}

describe('rules and dashboard', () => {
  it('name only metrics and labels that a host shows', () => {
    expect(expressions.length).toBeGreaterThan(30);
    expect(expressions.flatMap((expression) => missing(expression).map((name) => `${name} in ${expression}`))).toEqual(
      [],
    );
  });

  it('sabotage: a metric, a label and a grouping that do not exist, and what is no PromQL, are found', () => {
    expect(missing('rate(sextant_htp_requests_total[5m]) > 0')).toEqual(['sextant_htp_requests_total']);
    expect(missing('sextant_jobs{state="running"}')).toEqual(['{state}']);
    expect(missing('sum by (ticker) (sextant_jobs)')).toEqual(['by ticker']);
    expect(() => missing('sum(rate(sextant_jobs[5m])')).toThrow('Expected PromQL');
    expect(() => missing('sextant_jobs >')).toThrow('Expected PromQL');
  });

  it('show every metric of Sextant that a person would look for', () => {
    const named = new Set(
      expressions.flatMap((expression) => namesOf(expression).metrics.map((name) => name.replace(/_bucket$/, ''))),
    );
    const unused = [...scrape.keys()].filter((name) => name.startsWith('sextant_') && !named.has(name));
    // Counts behind ratios that are drawn, and what is the same in other words.
    expect(unused.toSorted()).toEqual([
      'sextant_backups',
      'sextant_call_duration_seconds',
      'sextant_datasets',
      'sextant_disk_size_bytes',
      'sextant_http_requests_open',
      'sextant_info',
      'sextant_workers_ended_total',
      'sextant_workers_started_total',
    ]);
  });

  it('panels do not overlap and lie within the grid', () => {
    const cells = new Set<string>();
    for (const { title, gridPos } of dashboard.panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells.has(`${x},${y}`), title).toBe(false);
          cells.add(`${x},${y}`);
        }
      }
    }
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });

  it('the scrape configuration names the rules and the address that the host has by default', () => {
    const config = z
      .object({
        rule_files: z.array(z.string()),
        scrape_configs: z.array(
          z.object({ metrics_path: z.string(), static_configs: z.array(z.object({ targets: z.array(z.string()) })) }),
        ),
      })
      .parse(parse(readFileSync(`${FOLDER}/prometheus.yml`, 'utf8')));
    expect(config.rule_files).toEqual(['prometheus-rules.yml']);
    expect(config.scrape_configs[0]).toMatchObject({
      metrics_path: '/metrics',
      static_configs: [{ targets: ['127.0.0.1:4517'] }],
    });
  });
});
