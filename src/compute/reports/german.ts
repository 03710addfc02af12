/** German texts of reports, by their English original. */
export const GERMAN: Readonly<Record<string, string>> = {};
