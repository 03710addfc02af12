/** Scalars and small shapes that several nouns share, with title, unit and help. */
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '#base/errors';

export const idField = z
  .string()
  .regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'Expected a 26-character identifier (ULID).')
  .meta({ title: 'Identifier', examples: ['01JDA3N6X7Q8R9S0T1V2W3X4Y5'] });

/** A reference a person types: an identifier, a name, or `latest`. */
export const refField = z.string().min(1).max(300).meta({ title: 'Identifier, name or "latest"' });

export const dateField = z.iso.date().meta({ title: 'Date', unit: 'ISO day' });
export const instantField = z.iso
  .datetime()
  .meta({ title: 'Time', unit: 'UTC', examples: ['2026-11-30T21:00:00.000Z'] });
export const sha256Field = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ title: 'SHA-256', examples: ['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'] });

export const pageInput = {
  limit: z.coerce.number().int().min(1).max(500).default(50).meta({ title: 'Rows at most' }),
  offset: z.coerce.number().int().min(0).default(0).meta({ title: 'Rows to skip' }),
};

const codes = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]; // Object.keys loses the literal type

export const wireErrorSchema = z
  .object({
    code: z.enum(codes),
    message: z.string(),
    data: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Error' });

/** A measured number with its uncertainty; null comes with the reason why it cannot be computed. */
export const measureSchema = z
  .object({
    value: z.number().nullable(),
    reason: z.string().optional().meta({ description: 'Why the value is null.' }),
    low: z.number().optional(),
    high: z.number().optional(),
  })
  .meta({ id: 'Measure' });

export type Measure = z.infer<typeof measureSchema>;
