/** Reports are kept encrypted with their history, leave by age or by hand, and every export is on record. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { privacyConfigSchema } from '#contract/privacy';
import { openTestEngine, type TestEngine } from '../support/engine-host';
import { makeSampleRun } from '../support/report-sample';

const DAY = 86_400_000;
const workspace = mkdtempSync(join(tmpdir(), 'sextant-reports-'));
let now = Date.parse('2026-11-20T12:00:00Z');
let host: TestEngine;

beforeAll(async () => {
  host = await openTestEngine({ workspace, now: () => now });
  await makeSampleRun(host);
}, 120_000);
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  rmSync(workspace, { recursive: true, force: true });
});

async function make(keepDays = 365): Promise<string> {
  // Reports of one instant have the same bytes and share their files.
  now += 60_000;
  const { report, job } = await host.client.reports.create({ kind: 'live', format: ['html', 'json'], keepDays });
  expect((await host.finished(job)).error).toBeNull();
  return report;
}

function filesOnDisk(): Buffer[] {
  return readdirSync(workspace, { recursive: true })
    .map((name) => join(workspace, String(name)))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path));
}

describe('a report', () => {
  test('lies encrypted until it is exported, and the export is in the audit log', async () => {
    const report = await make();
    const { html } = await host.client.reports.preview({ report });
    const phrase = 'Nothing to validate yet';
    expect(html).toContain(phrase);
    expect(filesOnDisk().some((bytes) => bytes.includes(phrase))).toBe(false);
    const before = (await host.client.audit.list({ action: 'reports.download' })).total;
    const { text, mediaType, filename } = await host.client.reports.download({ report, format: 'json' });
    expect(JSON.parse(text)).toMatchObject({ kind: 'live' });
    expect([mediaType, filename]).toEqual(['application/json', expect.stringMatching(/^live-[\w.-]+\.json$/)]);
    const { entries, total } = await host.client.audit.list({ action: 'reports.download' });
    expect(total).toBe(before + 1);
    expect(entries[0].object).toBe(report);
  });

  test('is not exported where exports are switched off', async () => {
    const report = await make();
    const config = await host.client.privacy.show({});
    await host.client.privacy.configure({ config: privacyConfigSchema.parse({ ...config, exports: false }) });
    await expect(host.client.reports.download({ report, format: 'html' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await host.client.privacy.configure({ config });
    await expect(host.client.reports.download({ report, format: 'html' })).resolves.toBeDefined();
  });

  test('is listed newest first, shown, and removed with its files', async () => {
    const report = await make();
    const { reports, total } = await host.client.reports.list({ run: 'latest' });
    expect(reports[0].id).toBe(report);
    const objects = () => filesOnDisk().length;
    const held = objects();
    expect(await host.client.reports.remove({ report })).toEqual({ removed: report });
    expect(objects()).toBeLessThan(held);
    expect((await host.client.reports.list({})).total).toBe(total - 1);
    await expect(host.client.reports.show({ report })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(host.client.reports.download({ report })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('goes when its time is up; one that is kept longer stays', async () => {
    const short = await make(1);
    const long = await make(30);
    now += 2 * DAY;
    await host[Symbol.asyncDispose]();
    host = await openTestEngine({ workspace, now: () => now });
    const ids = (await host.client.reports.list({})).reports.map(({ id }) => id);
    expect(ids).toContain(long);
    expect(ids).not.toContain(short);
    expect((await host.client.reports.preview({ report: long })).html).toMatch(/<\/html>/);
  });

  test('of a format that was not asked for is refused by name', async () => {
    const report = await make();
    await expect(host.client.reports.download({ report, format: 'pdf' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('html, json'),
    });
    await expect(host.client.reports.create({ format: ['docx'] as never })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });
});
