/** Inter for an HTML report, inside the file: Latin and Greek, regular and semibold. Other scripts take the reader's own fonts. */
import greekRegular from '@fontsource/inter/files/inter-greek-400-normal.woff2?inline';
import latinRegular from '@fontsource/inter/files/inter-latin-400-normal.woff2?inline';
import latinSemibold from '@fontsource/inter/files/inter-latin-600-normal.woff2?inline';

const LATIN =
  'U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215';
const GREEK = 'U+0370-03FF';

export function interFace(): string {
  const face = (address: string, weight: number, range: string) =>
    `@font-face{font-family:Inter;font-weight:${weight};src:url(${address}) format("woff2");unicode-range:${range}}`;
  return face(latinRegular, 400, LATIN) + face(latinSemibold, 600, LATIN) + face(greekRegular, 400, GREEK);
}
