/**
 * The page under the content of a PDF: a cursor that moves down and on to the next page, structure elements for readers that hear the document,
 * and the running header and footer, which are decoration and tagged as such.
 */
import type { Report } from '../model';
import type { TextPainter, TextStyle } from './text';

export const INK = {
  text: '#1B1C1E',
  second: '#5A5D63',
  faint: '#6B6E74',
  line: '#E6E5E0',
  strong: '#CFCDC6',
} as const;

/** pdfkit's own structure element, and the options that its types leave out. */
export type Element = PDFKit.PDFStructureElement;
type ElementOptions = Parameters<PDFKit.PDFDocument['struct']>[1] & {
  readonly scope?: 'Column' | 'Row';
  readonly bbox?: readonly [number, number, number, number];
};

export interface Flow {
  readonly document: PDFKit.PDFDocument;
  readonly painter: TextPainter;
  readonly left: number;
  readonly width: number;
  readonly bottom: number;
  /** Top of the free space. */
  y: number;
  /** Starts a new page unless `height` fits below the cursor. @returns whether it did */
  ensure(height: number): boolean;
  newPage(): void;
  /** A structure element under `parent`, or under the document. */
  element(type: string, options?: ElementOptions, parent?: Element): Element;
  /** Draws as content of an element on the current page. */
  content(element: Element, tag: string, draw: () => void): void;
  /** Draws something that carries no meaning. */
  artifact(draw: () => void): void;
  /** Wrapped text at the cursor, breaking over pages by lines. */
  paragraph(
    text: string,
    style: TextStyle & {
      readonly tag?: string;
      readonly indent?: number;
      readonly gap?: number;
      readonly parent?: Element;
    },
  ): void;
}

const MARGIN = { left: 46, right: 46, top: 58, bottom: 52 };

export function createFlow(document: PDFKit.PDFDocument, painter: TextPainter): Flow {
  const root = document.struct('Document');
  document.addStructure(root);
  const page = () => document.page;
  const flow: Flow = {
    document,
    painter,
    left: MARGIN.left,
    width: page().width - MARGIN.left - MARGIN.right,
    bottom: page().height - MARGIN.bottom,
    y: MARGIN.top,
    ensure(height) {
      if (flow.y + height <= flow.bottom) return false;
      flow.newPage();
      return true;
    },
    newPage() {
      document.addPage();
      flow.y = MARGIN.top;
    },
    element(type, options = {}, parent = root) {
      const made = document.struct(type, options as Parameters<PDFKit.PDFDocument['struct']>[1]); // scope and bbox are not in the types
      parent.add(made);
      return made;
    },
    content(element, tag, draw) {
      const marked = document.markStructureContent(tag);
      draw();
      document.endMarkedContent();
      element.add(marked);
    },
    artifact(draw) {
      document.markContent('Artifact', { type: 'Layout' });
      draw();
      document.endMarkedContent();
    },
    paragraph(text, { tag = 'P', indent = 0, gap = 4, parent, ...style }) {
      const lines = painter.wrap(text, style, flow.width - indent);
      const height = style.size * 1.42;
      const element = flow.element(tag, {}, parent);
      let next = 0;
      while (next < lines.length) {
        flow.ensure(height);
        const room = Math.max(1, Math.floor((flow.bottom - flow.y) / height));
        const part = lines.slice(next, next + room);
        flow.content(element, tag, () => {
          for (const line of part) {
            painter.draw(line, flow.left + indent, flow.y + style.size, style);
            flow.y += height;
          }
        });
        next += part.length;
      }
      flow.y += gap;
    },
  };
  return flow;
}

/** Header and footer of every page, once their number is known. */
export function decoratePages(flow: Flow, report: Report): void {
  const { document, painter } = flow;
  const { start, count } = document.bufferedPageRange();
  const right = flow.left + flow.width;
  const small: TextStyle = { size: 7, color: INK.faint };
  for (let i = start; i < start + count; i++) {
    document.switchToPage(i);
    document.markContent('Artifact', { type: 'Pagination' });
    painter.draw(fitted(painter, report.header.join('  ·  '), small.size, flow.width * 0.72), flow.left, 34, small);
    const title = fitted(painter, report.title, small.size, flow.width * 0.26);
    painter.draw(title, right - painter.width(title, small), 34, small);
    document.moveTo(flow.left, 40).lineTo(right, 40).lineWidth(0.4).strokeColor(INK.line).stroke();
    const { words } = report;
    const foot = document.page.height - 30;
    painter.draw(`${words.generated} ${report.generatedAt}`, flow.left, foot, small);
    const number = `${words.page} ${i - start + 1} ${words.of} ${count}`;
    painter.draw(number, right - painter.width(number, small), foot, small);
    document.endMarkedContent();
  }
}

export function fitted(painter: TextPainter, text: string, size: number, width: number): string {
  if (painter.width(text, { size }) <= width) return text;
  const letters = Array.from(text);
  while (letters.length > 1 && painter.width(`${letters.join('')}…`, { size }) > width) {
    letters.length = Math.max(1, Math.min(letters.length - 1, Math.floor(letters.length * 0.97)));
  }
  return `${letters.join('')}…`;
}
