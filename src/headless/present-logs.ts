/** Lines of the log as text for people: when, how serious, who, what; on whose behalf at the end. */
import type { Client } from '#contract/client';
import type { LogLine } from '#contract/logs';
import { show } from './table';

export function presentLogLines({ lines, total }: Awaited<ReturnType<Client['logs']['list']>>): string {
  if (lines.length === 0) return 'No lines.\n';
  return `${lines.map(presentLogLine).join('')}${lines.length} of ${total} lines.\n`;
}

export function presentLogLine({ at, level, component, message, fields, correlation, job }: LogLine): string {
  const facts = { ...fields, ...(job !== null && { job }), ...(correlation !== null && { correlation }) };
  const told = Object.entries(facts).map(([name, value]) => ` ${name}=${plain(value)}`);
  return `${show(`${at} ${level.padEnd(5)} ${component.padEnd(9)} ${message}${told.join('')}`)}\n`;
}

/** Names that need no quotes stand as they are; everything else is JSON, so that no text can look like another field. */
function plain(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
}

export function isLogLine(event: unknown): event is LogLine {
  return typeof event === 'object' && event !== null && 'component' in event && 'level' in event && 'at' in event;
}
