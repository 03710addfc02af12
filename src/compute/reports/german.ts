/** German texts of reports, by their English original. */
import { GERMAN_CONVENTIONS } from './german/conventions';
import { GERMAN_MEASURES } from './german/measures';
import { GERMAN_SENTENCES } from './german/sentences';
import { GERMAN_TERMS } from './german/terms';

export const GERMAN: Readonly<Record<string, string>> = {
  ...GERMAN_TERMS,
  ...GERMAN_SENTENCES,
  ...GERMAN_MEASURES,
  ...GERMAN_CONVENTIONS,
};
