/** API tokens as text for people. */
import type { Client } from '#contract/client';
import { formatTable } from './table';

export function presentTokens({ tokens, total }: Awaited<ReturnType<Client['tokens']['list']>>): string {
  if (tokens.length === 0) return 'No tokens. Make one with: sextant tokens create NAME --scopes read\n';
  const table = formatTable(tokens, [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'SCOPES', value: ({ scopes }) => scopes.join(',') },
    { title: 'PER MINUTE', value: ({ perMinute }) => perMinute },
    { title: 'STATUS', value: ({ status }) => status },
    { title: 'EXPIRES', value: ({ expiresAt }) => expiresAt ?? 'never' },
    { title: 'LAST USED', value: ({ lastUsedAt }) => lastUsedAt ?? 'never' },
  ]);
  return `${table}${tokens.length} of ${total} tokens.\n`;
}

export function presentIssued({ secret, issued }: Awaited<ReturnType<Client['tokens']['create']>>): string {
  const end = issued.expiresAt === null ? 'without end' : `until ${issued.expiresAt}`;
  return [
    secret,
    '',
    `The token ${issued.name} (${issued.scopes.join(', ')}; ${issued.perMinute} requests a minute; ${end}).`,
    'It is shown this once and stored nowhere. Send it as X-API-Token.',
    '',
  ].join('\n');
}
