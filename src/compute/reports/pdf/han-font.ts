/** Noto Sans SC (SIL Open Font License, see the license beside it), loaded only where a report has Chinese or Japanese text. */
export { default as han } from '../fonts/noto-sans-sc.woff?inline';
