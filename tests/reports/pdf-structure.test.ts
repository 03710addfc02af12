/** What PDF/UA asks of a document, checked on the file: tags, language, title, alternatives, scopes, embedded fonts, bookmarks. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestEngine, type TestEngine } from '../support/engine-host';
import { readPdf, untaggedDrawing, type PdfFile } from '../support/pdf-reader';
import { factsOf, makeSampleRun, rendered } from '../support/report-sample';

let host: TestEngine;
let pdf: PdfFile;

beforeAll(async () => {
  host = await openTestEngine();
  const facts = await factsOf(host.client, await makeSampleRun(host));
  pdf = readPdf(await rendered(facts, 'pdf'));
}, 120_000);
afterAll(() => host[Symbol.asyncDispose]());

const elements = (type: string) => pdf.objects.filter((object) => new RegExp(`/S /${type}\\b`).test(object));

describe('the PDF of a report', () => {
  test('is tagged, has a language, a title that is shown, bookmarks and the PDF/UA mark', () => {
    const catalog = pdf.objects.find((object) => object.includes('/Type /Catalog')) ?? '';
    expect(catalog).toContain('/StructTreeRoot');
    expect(catalog).toMatch(/\/Lang \(en\)/);
    expect(catalog).toContain('/Outlines');
    const all = pdf.objects.join('\n');
    expect(all).toMatch(/\/Marked true/);
    expect(all).toMatch(/\/DisplayDocTitle true/);
    expect(all).toMatch(/\/Title \(/);
    expect(pdf.streams.some((stream) => /pdfuaid:part/.test(stream))).toBe(true);
  });

  test('draws nothing that is neither content of an element nor decoration', () => {
    const pages = pdf.streams.filter((stream) => /\bBDC\b/.test(stream));
    expect(pages.length).toBe(pdf.pages);
    for (const page of pages) expect(untaggedDrawing(page)).toEqual([]);
  });

  test('an untagged line would be found', () => {
    expect(untaggedDrawing('/P <</MCID 0>> BDC\n(x) Tj\nEMC\n(loose) Tj')).toEqual(['(loose) Tj']);
  });

  test('says what every figure shows, and of every header cell what it heads', () => {
    expect(elements('Figure').length).toBeGreaterThan(3);
    for (const figure of elements('Figure')) expect(figure).toMatch(/\/Alt \(/);
    expect(elements('TH').length).toBeGreaterThan(50);
    for (const head of elements('TH')) expect(head).toMatch(/\/Scope \/(Row|Column)/);
    for (const type of ['H1', 'H2', 'H3', 'P', 'Table', 'TR', 'TD', 'L', 'LI', 'LBody'])
      expect(elements(type).length, type).toBeGreaterThan(0);
  });

  test('embeds every font that it uses', () => {
    const descriptors = pdf.objects.filter((object) => object.includes('/Type /FontDescriptor'));
    expect(descriptors.length).toBeGreaterThan(1);
    for (const descriptor of descriptors) expect(descriptor).toMatch(/\/FontFile[23]? /);
    expect(pdf.objects.join('\n')).not.toMatch(/\/BaseFont \/(Helvetica|Times|Courier)/);
  });
});
