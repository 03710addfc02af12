/**
 * The fonts of a PDF, all embedded: Inter by script, Noto for Arabic and Chinese when a report has such text. Each letter takes the first font
 * that can draw it; one that none can draw is written as its code point and remembered, so nothing is dropped and nothing becomes a box.
 */
import latin from '@fontsource/inter/files/inter-latin-400-normal.woff?inline';
import latinBold from '@fontsource/inter/files/inter-latin-600-normal.woff?inline';
import latinExt from '@fontsource/inter/files/inter-latin-ext-400-normal.woff?inline';
import latinExtBold from '@fontsource/inter/files/inter-latin-ext-600-normal.woff?inline';
import greek from '@fontsource/inter/files/inter-greek-400-normal.woff?inline';
import greekBold from '@fontsource/inter/files/inter-greek-600-normal.woff?inline';
import cyrillic from '@fontsource/inter/files/inter-cyrillic-400-normal.woff?inline';
import cyrillicBold from '@fontsource/inter/files/inter-cyrillic-600-normal.woff?inline';
import vietnamese from '@fontsource/inter/files/inter-vietnamese-400-normal.woff?inline';
import vietnameseBold from '@fontsource/inter/files/inter-vietnamese-600-normal.woff?inline';
import math from '@fontsource/noto-sans-math/files/noto-sans-math-latin-400-normal.woff?inline';

export interface FontFace {
  readonly name: string;
  readonly bytes: Buffer;
}

export interface FontFamily {
  readonly regular: readonly FontFace[];
  readonly bold: readonly FontFace[];
}

function face(name: string, address: string): FontFace {
  return { name, bytes: Buffer.from(address.slice(address.indexOf(',') + 1), 'base64') };
}

const ARABIC = /\p{Script=Arabic}/u;
/** Han, kana and the punctuation and full-width forms that go with them. */
const EAST_ASIAN = /[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]/u;

/** @param text everything that will be written; decides which of the large fonts are loaded */
export async function loadFonts(text: string): Promise<FontFamily> {
  const regular = [
    face('inter', latin),
    face('inter-ext', latinExt),
    face('inter-greek', greek),
    face('inter-cyrillic', cyrillic),
    face('inter-vietnamese', vietnamese),
  ];
  const bold = [
    face('inter-bold', latinBold),
    face('inter-ext-bold', latinExtBold),
    face('inter-greek-bold', greekBold),
    face('inter-cyrillic-bold', cyrillicBold),
    face('inter-vietnamese-bold', vietnameseBold),
  ];
  if (ARABIC.test(text)) {
    const { arabic, arabicBold } = await import('./arabic-font');
    regular.push(face('arabic', arabic));
    bold.push(face('arabic-bold', arabicBold));
  }
  if (EAST_ASIAN.test(text)) {
    const { han } = await import('./han-font');
    // One weight: a bold name in Chinese is drawn regular.
    regular.push(face('han', han));
    bold.push(face('han', han));
  }
  // Last: arrows, roots and relations that the text fonts lack.
  regular.push(face('math', math));
  bold.push(face('math', math));
  return { regular, bold };
}
