/**
 * The language of a report. Texts are written in English where they are used and looked up here; one without a translation stays
 * English, and a test lists those. Sentences that a run has stored keep the language of the run.
 */
import { GERMAN } from './german';

export type Values = Readonly<Record<string, string | number>>;

/** `say('{n} trading days', { n: 250 })` */
export type Say = (text: string, values?: Values) => string;

function fill(text: string, values: Values): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** @param missing called with every text that has no translation */
export function sayIn(locale: 'en' | 'de', missing?: (text: string) => void): Say {
  if (locale === 'en') return (text, values = {}) => fill(text, values);
  return (text, values = {}) => {
    const translated = GERMAN[text];
    if (translated === undefined) missing?.(text);
    return fill(translated ?? text, values);
  };
}
