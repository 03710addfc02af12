/**
 * Backups: complete, encrypted copies of the workspace that have been opened and read before they are listed.
 * Restoring sets the present state aside; nothing is ever deleted by it.
 */
import { z } from 'zod';
import { operation } from './operation';
import { idField, instantField } from './fields';

export const backupReasonSchema = z.enum(['manual', 'automatic', 'before-change', 'salvage']);
export type BackupReason = z.infer<typeof backupReasonSchema>;

export const backupSchema = z
  .object({
    id: idField,
    createdAt: instantField,
    reason: backupReasonSchema,
    /** Size of the database in the backup; large arrays are shared with the workspace where the disk allows it. */
    databaseBytes: z.number().int(),
    objects: z.number().int(),
    objectBytes: z.number().int(),
    schemaVersion: z.number().int(),
    appVersion: z.string(),
    /** Rows over all tables, equal to those of the workspace at that moment. */
    rows: z.number().int(),
  })
  .meta({ id: 'Backup' });
export type Backup = z.infer<typeof backupSchema>;

export const drillSchema = z
  .object({
    at: instantField,
    backup: z.string(),
    passed: z.boolean(),
    /** What was read, or what went wrong. */
    detail: z.string(),
    seconds: z.number(),
  })
  .meta({ id: 'RestoreDrill' });
export type Drill = z.infer<typeof drillSchema>;

export const salvagedTableSchema = z
  .object({
    table: z.string(),
    rows: z.number().int(),
    /** Whether the table could be read from end to end. */
    isWhole: z.boolean(),
  })
  .meta({ id: 'SalvagedTable' });
export type SalvagedTable = z.infer<typeof salvagedTableSchema>;

const backupField = z
  .string()
  .max(64)
  .default('latest')
  .meta({ title: 'Backup', description: 'Identifier, or latest' });

export const backups = {
  list: operation({
    method: 'GET',
    path: '/backups',
    summary: 'Verified backups, newest first, with the last automatic try and the last restore drill',
    input: z.strictObject({}),
    output: z.object({
      folder: z.string(),
      backups: z.array(backupSchema),
      /** Why the last automatic backup failed; null where it did not. */
      problem: z.string().nullable(),
      lastDrill: drillSchema.nullable(),
      intervalMinutes: z.number(),
    }),
  }),
  create: operation({
    method: 'POST',
    path: '/backups',
    summary: 'Make a backup now; it is verified before it is listed',
    scope: 'execute',
    input: z.strictObject({}),
    output: backupSchema,
  }),
  verify: operation({
    method: 'POST',
    path: '/backups/{backup}/verify',
    summary: 'Read every byte of a backup and compare it with what was recorded when it was made',
    scope: 'execute',
    whenFull: true,
    positional: ['backup'],
    input: z.strictObject({ backup: backupField }),
    output: z.object({ backup: z.string(), objects: z.number().int(), rows: z.number().int(), seconds: z.number() }),
  }),
  drill: operation({
    method: 'POST',
    path: '/backups/{backup}/drill',
    summary: 'Restore a backup into a scratch folder, open it as at a start, read everything, and remove it again',
    scope: 'execute',
    positional: ['backup'],
    input: z.strictObject({ backup: backupField }),
    output: drillSchema,
  }),
  salvage: operation({
    method: 'POST',
    path: '/backups/salvage',
    summary: 'Save what can still be read of a damaged workspace as a backup; only while it is damaged',
    scope: 'execute',
    input: z.strictObject({}),
    output: z.object({ backup: backupSchema, tables: z.array(salvagedTableSchema) }),
  }),
  restore: operation({
    method: 'POST',
    path: '/backups/{backup}/restore',
    summary: 'Put the workspace back to a backup; the present state is set aside in a folder and never deleted',
    scope: 'execute',
    positional: ['backup'],
    input: z.strictObject({ backup: backupField }),
    output: z.object({ backup: z.string(), createdAt: instantField, setAside: z.string() }),
  }),
};
