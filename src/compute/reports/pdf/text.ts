/** Text in a PDF: measured, wrapped and drawn run by run, each run in the first font that has its letters. */
import type { FontFace, FontFamily } from './fonts';

export interface TextStyle {
  readonly size: number;
  readonly color: string;
  readonly bold?: boolean;
  /** Digits of equal width, for columns of numbers. */
  readonly tabular?: boolean;
}

interface Run {
  readonly font: string;
  readonly text: string;
  /** At size 1. */
  readonly width: number;
}

/** What is used of a registered font beyond pdfkit's types. */
interface OpenFont {
  readonly font: { hasGlyphForCodePoint(point: number): boolean };
}

const ARABIC = /[\p{Script=Arabic}]/u;
/** Words, single East Asian letters, and the spaces between. */
const PIECES = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+|\s+/gu;
const MEASURED_AT = 100;
const TABULAR: PDFKit.Mixins.OpenTypeFeatures[] = ['tnum'];

export interface TextPainter {
  width(text: string, style: Pick<TextStyle, 'size' | 'bold' | 'tabular'>): number;
  /** Lines no wider than `width`; a word that is wider is broken. */
  wrap(text: string, style: Pick<TextStyle, 'size' | 'bold'>, width: number): readonly string[];
  /** `y` is the baseline. */
  draw(text: string, x: number, y: number, style: TextStyle): void;
  /** Letters that no font can draw, as they were written instead. */
  readonly undrawable: ReadonlySet<string>;
}

export function createTextPainter(document: PDFKit.PDFDocument, family: FontFamily): TextPainter {
  const undrawable = new Set<string>();
  const cache = new Map<string, readonly Run[]>();
  const chosen = new Map<string, string | null>();
  const open = new Map<string, OpenFont['font']>();

  for (const { name, bytes } of new Set([...family.regular, ...family.bold])) {
    document.registerFont(name, bytes);
    document.font(name);
    const { _font } = document as unknown as { _font: OpenFont }; // the current font; pdfkit's types leave it out
    open.set(name, _font.font);
  }

  function fontFor(letter: string, faces: readonly FontFace[], weight: string): string | null {
    const key = weight + letter;
    const known = chosen.get(key);
    if (known !== undefined) return known;
    const point = letter.codePointAt(0) ?? 0;
    const found = faces.find(({ name }) => open.get(name)?.hasGlyphForCodePoint(point) === true)?.name ?? null;
    chosen.set(key, found);
    return found;
  }

  function split(text: string, bold: boolean): { font: string; text: string }[] {
    const faces = bold ? family.bold : family.regular;
    const runs: { font: string; text: string }[] = [];
    const add = (font: string, part: string) => {
      const last = runs.at(-1);
      if (last?.font === font) last.text += part;
      else runs.push({ font, text: part });
    };
    const letters = Array.from(text.replaceAll(/[\s\p{Cc}]+/gu, ' '));
    letters.forEach((letter, i) => {
      const last = runs.at(-1);
      // A space between two Arabic words stays inside their run, so that the words keep their order.
      if (
        letter === ' ' &&
        last !== undefined &&
        ARABIC.test(last.text.at(-1) ?? '') &&
        ARABIC.test(letters[i + 1] ?? '')
      ) {
        last.text += letter;
        return;
      }
      if (/\p{Default_Ignorable_Code_Point}/u.test(letter)) return;
      const font = fontFor(letter, faces, bold ? 'b' : 'r');
      if (font !== null) {
        add(font, letter);
        return;
      }
      const code = `[U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;
      undrawable.add(code);
      for (const sign of code) add(fontFor(sign, faces, bold ? 'b' : 'r') ?? faces[0].name, sign);
    });
    return runs;
  }

  function runsOf(text: string, bold: boolean, tabular: boolean): readonly Run[] {
    const key = `${bold ? 'b' : 'r'}${tabular ? 't' : 'p'}${text}`;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const runs = split(text, bold)
      .flatMap(inDisplayOrder)
      .map(({ font, text: part }) => ({
        font,
        text: part,
        width:
          document
            .font(font)
            .fontSize(MEASURED_AT)
            .widthOfString(part, tabular ? { features: TABULAR } : {}) / MEASURED_AT,
      }));
    cache.set(key, runs);
    return runs;
  }

  function width(
    text: string,
    { size, bold = false, tabular = false }: Pick<TextStyle, 'size' | 'bold' | 'tabular'>,
  ): number {
    return runsOf(text, bold, tabular).reduce((sum, run) => sum + run.width, 0) * size;
  }

  function wrap(text: string, style: Pick<TextStyle, 'size' | 'bold'>, most: number): readonly string[] {
    const lines: string[] = [];
    let line = '';
    const fits = (candidate: string) => width(candidate, style) <= most;
    for (const piece of text.match(PIECES) ?? []) {
      if (/^\s+$/.test(piece)) {
        if (line !== '') line += ' ';
        continue;
      }
      if (fits(line + piece)) {
        line += piece;
        continue;
      }
      if (line.trim() !== '') lines.push(line.trimEnd());
      line = piece;
      while (!fits(line)) {
        const head = longestHead(line, fits);
        lines.push(head);
        line = line.slice(head.length);
      }
    }
    if (line.trim() !== '' || lines.length === 0) lines.push(line.trimEnd());
    return lines;
  }

  return {
    width,
    wrap,
    draw(text, x, y, style) {
      document.fillColor(style.color);
      let at = x;
      for (const run of runsOf(text, style.bold === true, style.tabular === true)) {
        // Shaped letters are drawn from parts; what they say is written beside them for readers and searches.
        const isShaped = ARABIC.test(run.text);
        if (isShaped) document.markContent('Span', { actual: run.text });
        document
          .font(run.font)
          .fontSize(style.size)
          .text(run.text, at, y, {
            lineBreak: false,
            baseline: 'alphabetic',
            ...(style.tabular === true ? { features: TABULAR } : {}),
          });
        if (isShaped) document.endMarkedContent();
        at += run.width * style.size;
      }
    },
    undrawable,
  };
}

/** Words of a right-to-left run from left to right as they are drawn, each a run of its own; within a word the font's shaping orders the letters. */
function inDisplayOrder(run: { readonly font: string; readonly text: string }): { font: string; text: string }[] {
  if (!ARABIC.test(run.text) || !run.text.includes(' ')) return [run];
  const words = run.text.split(' ').reverse();
  return words.flatMap((text, i) =>
    i === 0
      ? [{ font: run.font, text }]
      : [
          { font: 'inter', text: ' ' },
          { font: run.font, text },
        ],
  );
}

/** At least one letter, so that it ends. */
function longestHead(word: string, fits: (text: string) => boolean): string {
  const letters = Array.from(word);
  let low = 1;
  let high = letters.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(letters.slice(0, middle).join(''))) low = middle;
    else high = middle - 1;
  }
  return letters.slice(0, low).join('');
}
