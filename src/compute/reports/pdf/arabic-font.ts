/** Noto Sans Arabic, loaded only where a report has Arabic text. */
export { default as arabic } from '@fontsource/noto-sans-arabic/files/noto-sans-arabic-arabic-400-normal.woff?inline';
export { default as arabicBold } from '@fontsource/noto-sans-arabic/files/noto-sans-arabic-arabic-700-normal.woff?inline';
