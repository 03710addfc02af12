/** As much of the PDF format as a structure check needs: objects, inflated streams, and what a page draws outside of any tag. */
import { inflateSync } from 'node:zlib';

export interface PdfFile {
  /** Dictionaries of all objects as text, streams cut off. */
  readonly objects: readonly string[];
  /** Inflated content of the streams. */
  readonly streams: readonly string[];
  readonly pages: number;
}

export function readPdf(bytes: Buffer): PdfFile {
  const text = bytes.toString('latin1');
  const objects: string[] = [];
  const streams: string[] = [];
  for (const match of text.matchAll(/\d+ 0 obj\n([\s\S]*?)\nendobj/g)) {
    const body = match[1];
    const at = body.indexOf('\nstream\n');
    objects.push(at < 0 ? body : body.slice(0, at));
    if (at < 0) continue;
    const raw = Buffer.from(body.slice(at + 8, body.lastIndexOf('\nendstream')), 'latin1');
    streams.push(
      body.slice(0, at).includes('/FlateDecode') ? inflateSync(raw).toString('latin1') : raw.toString('latin1'),
    );
  }
  return { objects, streams, pages: objects.filter((object) => /\/Type \/Page\b(?!s)/.test(object)).length };
}

/** Text and paths that a content stream draws outside of marked content: a reader cannot tell what they are. */
export function untaggedDrawing(content: string): string[] {
  const found: string[] = [];
  let depth = 0;
  for (const line of content.split('\n')) {
    if (/\b(BDC|BMC)$/.test(line)) depth++;
    else if (line === 'EMC') depth--;
    else if (depth === 0 && /(^|\s)(TJ|Tj|S|f|f\*|B|Do)$/.test(line)) found.push(line.slice(0, 80));
  }
  if (depth !== 0) found.push(`${depth} unclosed`);
  return found;
}
