/**
 * Memory of the graphics card: the budget, what is known of its use now, and the series that is kept of a job.
 * Unknown is a value of its own: a reading that is missing, absurd or too old is never shown as a number.
 */
import { z } from 'zod';

/** 11 GiB in bytes, not 11·10⁹: what Sextant and everything else on the card may use together. */
export const VRAM_BUDGET_BYTES = 11 * 2 ** 30;

/** Shares of the budget: from the first on there is an alert and nothing new is admitted, until use falls below the second. */
export const VRAM_ALERT_SHARE = 0.9;
export const VRAM_CLEAR_SHARE = 0.85;

const bytesField = z.number().nullable().meta({ unit: 'bytes' });

export const vramStateSchema = z
  .object({
    usedBytes: bytesField.describe('By everything on the card; null = unknown.'),
    ownBytes: bytesField.describe('Of it, by jobs of this Sextant.'),
    foreignBytes: bytesField.describe('Of it, by other programs.'),
    totalBytes: bytesField.describe('Size of the card.'),
    /** The smaller of the stated budget and the card. */
    budgetBytes: z.number().meta({ unit: 'bytes' }),
    isAlert: z.boolean().describe('True from 90 % of the budget until use falls below 85 %.'),
    reason: z.string().nullable().describe('Why the use is unknown.'),
  })
  .meta({ id: 'VramState' });
export type VramState = z.infer<typeof vramStateSchema>;

export const vramSeriesSchema = z
  .object({
    budgetBytes: z.number().meta({ unit: 'bytes' }),
    startedAt: z.iso.datetime(),
    /** Seconds that one point covers; it doubles as a job grows long. */
    stepSeconds: z.number().int(),
    /** Largest use within each step; null where none was known. */
    usedBytes: z.array(z.number().nullable()),
    ownBytes: z.array(z.number().nullable()),
    /** Times at which use rose to 90 % of the budget. */
    alerts: z.array(z.iso.datetime()),
  })
  .meta({ id: 'VramSeries' });
export type VramSeries = z.infer<typeof vramSeriesSchema>;
