/**
 * Finds personal data (e-mail addresses, account and phone numbers, names of people) in columns that prices do not need, and takes it
 * out of lines that are kept as they were. Columns that are not needed are never stored; refused lines are the one place where they show.
 */
import type { DelimitedPlan } from './layouts';

export const PERSONAL_KINDS = ['e-mail', 'account', 'phone', 'name'] as const;
export type PersonalKind = (typeof PERSONAL_KINDS)[number];

/** `report` changes nothing. */
export type PersonalDataPolicy = 'remove' | 'hash' | 'report';

export interface PersonalColumn {
  readonly index: number;
  readonly column: string;
  readonly kind: PersonalKind;
}

const EMAIL = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu;
/** Country and check digits of an account number (ISO 13616). */
const IBAN_START = /\b[A-Z]{2}\d{2}/g;
const IBAN_LENGTHS = [15, 34] as const;
const PHONE = /^\+?[\d][\d ()/.-]{6,18}\d$/;
const ACCOUNT = /^[A-Z]{0,4}[- ]?\d[\d -]{5,24}\d$/i;
const HEADER_KINDS: readonly (readonly [RegExp, PersonalKind])[] = [
  [/mail/i, 'e-mail'],
  [/iban|account|konto|acct|depot|card/i, 'account'],
  [/phone|tel(efon)?$|mobile|fax/i, 'phone'],
  [
    /(^|[ _-])(owner|holder|client|customer|trader|person|contact|advis[eo]r|manager|(first|last|full|middle|sur)[ _-]?name)s?($|[ _-])/i,
    'name',
  ],
];
/** Share of a column's cells that must look alike before a column without a telling header counts. */
const TELLING_SHARE = 0.5;

/** Columns with personal data among those that the plan does not use, from the first rows of a file. */
export function personalColumns(plan: DelimitedPlan, rows: readonly (readonly string[])[]): PersonalColumn[] {
  if (plan.shape === 'wide') return [];
  const used = new Set<number>(Object.values(plan.roles));
  return plan.columns.flatMap((column, index) => {
    if (used.has(index)) return [];
    const cells = rows.map((row) => (row[index] ?? '').trim()).filter((cell) => cell !== '');
    const kind = kindOf(column, cells);
    return kind === null ? [] : [{ index, column, kind }];
  });
}

function kindOf(column: string, cells: readonly string[]): PersonalKind | null {
  const shareOf = (test: (cell: string) => boolean) =>
    cells.length === 0 ? 0 : cells.filter(test).length / cells.length;
  if (shareOf((cell) => matches(EMAIL, cell)) >= TELLING_SHARE) return 'e-mail';
  if (shareOf(isIban) >= TELLING_SHARE) return 'account';
  const told = HEADER_KINDS.find(([header]) => header.test(column))?.[1] ?? null;
  if (told === null || cells.length === 0) return null;
  if (told === 'phone') return shareOf((cell) => PHONE.test(cell)) >= TELLING_SHARE ? 'phone' : null;
  if (told === 'account') return shareOf((cell) => ACCOUNT.test(cell)) >= TELLING_SHARE ? 'account' : null;
  return told;
}

/** A line without its personal data; `hash` names a value so that equal ones stay equal (a keyed hash of the caller's). */
export function scrubLine(
  line: string,
  plan: DelimitedPlan | null,
  columns: readonly PersonalColumn[],
  policy: PersonalDataPolicy,
  hash: (value: string) => string,
): string {
  if (policy === 'report') return line;
  const token = (kind: PersonalKind, value: string) =>
    policy === 'hash' ? `[${kind} ${hash(value)}]` : `[${kind} removed]`;
  const cleaned = plan === null || columns.length === 0 ? line : scrubCells(line, plan, columns, token);
  return replaceIbans(
    cleaned.replace(EMAIL, (value) => token('e-mail', value)),
    (value) => token('account', value),
  );
}

/** Written in groups or not, whatever stands before and behind. */
function replaceIbans(text: string, token: (value: string) => string): string {
  let result = '';
  let done = 0;
  for (const { index } of text.matchAll(IBAN_START)) {
    const end = index < done ? 0 : ibanEnd(text, index);
    if (end === 0) continue;
    result += text.slice(done, index) + token(text.slice(index, end));
    done = end;
  }
  return result + text.slice(done);
}

/** Where the longest valid number that begins here ends; 0 where there is none. */
function ibanEnd(text: string, start: number): number {
  const [shortest, longest] = IBAN_LENGTHS;
  let compact = '';
  let found = 0;
  for (let i = start; i < text.length && compact.length < longest; i++) {
    if (text[i] === ' ') continue;
    if (!/[A-Z0-9]/.test(text[i])) break;
    compact += text[i];
    const isWordEnd = !/[A-Za-z0-9]/.test(text[i + 1] ?? '');
    if (isWordEnd && compact.length >= shortest && isIban(compact)) found = i + 1;
  }
  return found;
}

/** A line of the wrong length may hold its cells in other columns: there every cell that is no number or date goes. */
function scrubCells(
  line: string,
  plan: DelimitedPlan,
  columns: readonly PersonalColumn[],
  token: (kind: PersonalKind, value: string) => string,
): string {
  const cells = splitLine(line, plan.dialect.delimiter);
  const byIndex = new Map(columns.map(({ index, kind }) => [index, kind]));
  const isShifted = cells.length !== plan.columns.length;
  return cells
    .map((cell, i) => {
      const kind = isShifted && isFreeText(cell) ? columns[0].kind : byIndex.get(i);
      return kind === undefined || cell.trim() === '' ? cell : token(kind, cell);
    })
    .join(plan.dialect.delimiter);
}

function isFreeText(cell: string): boolean {
  return /\p{L}{2}.*[ @]|[ @].*\p{L}{2}|\d{9,}/u.test(cell);
}

/** Cells of one record, quotes kept; a quote that is not closed takes the rest. */
export function splitLine(line: string, delimiter: string): string[] {
  const cells: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i < line.length; i++) {
    if (line[i] === '"') isQuoted = !isQuoted;
    else if (line[i] === delimiter && !isQuoted) {
      cells.push(line.slice(start, i));
      start = i + 1;
    }
  }
  cells.push(line.slice(start));
  return cells;
}

function matches(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0;
  return pattern.test(text);
}

/** Check digits of ISO 7064, modulus 97. */
function isIban(text: string): boolean {
  const compact = text.replaceAll(' ', '');
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(compact)) return false;
  let remainder = 0;
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    const value = /\d/.test(character) ? character : String(character.charCodeAt(0) - 55);
    remainder = Number(`${remainder}${value}`) % 97;
  }
  return remainder === 1;
}
