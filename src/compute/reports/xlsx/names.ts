/** Names that a spreadsheet accepts: for sheets and for ranges, unique in their workbook. */

const RESERVED = /^(?:[A-Za-z]{1,3}\d+|[Rr]\d*[Cc]?\d*|[Cc]\d*)$/;
const LONGEST_SHEET = 31;
const LONGEST_RANGE = 60;

function unique(base: string, taken: Set<string>, longest: number, separator: string): string {
  let name = base.slice(0, longest);
  for (let n = 2; taken.has(name.toLowerCase()); n++) {
    const suffix = `${separator}${n}`;
    name = `${base.slice(0, longest - suffix.length)}${suffix}`;
  }
  taken.add(name.toLowerCase());
  return name;
}

/** No `[]:*?/\`, no quote at the ends, at most 31 letters. */
export function sheetName(title: string, taken: Set<string>): string {
  const clean = Array.from(
    title
      .replaceAll(/[[\]:*?/\\\p{Cc}]/gu, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  )
    .slice(0, LONGEST_SHEET)
    .join('')
    .replaceAll(/^'+|'+$/g, '');
  return unique(clean === '' || clean.toLowerCase() === 'history' ? 'Sheet' : clean, taken, LONGEST_SHEET, ' ');
}

/** Letters, digits and underscores; never one that could be a cell. */
export function rangeName(title: string, taken: Set<string>): string {
  const clean = title
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9_]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  const safe = clean === '' || /^\d/.test(clean) || RESERVED.test(clean) ? `_${clean}` : clean;
  return unique(safe, taken, LONGEST_RANGE, '_');
}
