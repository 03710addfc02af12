/** `retention`, `backup` and `probe`: what keeps a workspace sound while nobody looks. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { deletionProofSchema } from '#contract/privacy';
import { NothingToDo, step, THREE_TIMES, type FlowDefinition } from '../flow';
import type { FlowServices } from '../flow-services';

const nothing = z.strictObject({});
type Nothing = z.infer<typeof nothing>;

export function retentionFlow({ retention }: FlowServices): FlowDefinition<Nothing> {
  const output = z.object({ proofs: z.array(deletionProofSchema) });
  return {
    flow: 'retention',
    title: 'Retention',
    summary: 'Deletes what is older than its retention, with a proof by kind.',
    atOnce: 1,
    params: nothing,
    steps: [
      step<Nothing, typeof output>({
        id: 'delete',
        title: 'Delete by age',
        resource: 'disk',
        output,
        perform: async () => {
          const { proofs, blocked } = retention.delete();
          if (blocked !== null) throw new NothingToDo(blocked);
          if (proofs.length === 0) throw new NothingToDo('Nothing is older than its retention.');
          return () => ({ proofs: [...proofs] });
        },
      }),
    ],
  };
}

const backupParams = z.strictObject({
  drill: z
    .boolean()
    .default(false)
    .meta({ title: 'Drill', description: 'Restore the backup into a scratch folder and read it.' }),
});
type BackupParams = z.infer<typeof backupParams>;

export function backupFlow({ createBackup, drill: rehearse }: FlowServices): FlowDefinition<BackupParams> {
  const madeSchema = z.object({ backup: z.string(), rows: z.number() });
  const make = step<BackupParams, typeof madeSchema>({
    id: 'make',
    title: 'Make and verify a backup',
    resource: 'disk',
    retries: THREE_TIMES,
    output: madeSchema,
    perform: async () => {
      const { id, rows } = await createBackup();
      return () => ({ backup: id, rows });
    },
  });
  const drilledSchema = z.object({ passed: z.boolean(), detail: z.string() });
  const drill = step<BackupParams, typeof drilledSchema>({
    id: 'drill',
    title: 'Restore it on trial',
    needs: [make],
    resource: 'disk',
    output: drilledSchema,
    perform: async ({ params, outputOf }) => {
      if (!params.drill) throw new NothingToDo('No drill was asked for.');
      const { passed, detail } = await rehearse(outputOf(make).backup);
      if (!passed) throw new AppError('WORKSPACE_DAMAGED', `Expected the backup to restore, found: ${detail}`);
      return () => ({ passed, detail });
    },
  });
  return {
    flow: 'backup',
    title: 'Backup',
    summary: 'Makes a verified backup and, where asked, restores it on trial.',
    atOnce: 1,
    params: backupParams,
    steps: [make, drill],
  };
}

const MOST_PROBE_MS = 5_000;

export function probeFlow({ database, verifyAudit }: FlowServices): FlowDefinition<Nothing> {
  const storeSchema = z.object({ ms: z.number() });
  const store = step<Nothing, typeof storeSchema>({
    id: 'store',
    title: 'Read the database',
    output: storeSchema,
    perform: async () => {
      const started = performance.now();
      database.prepare('SELECT count(*) FROM meta').get();
      const ms = Math.round(performance.now() - started);
      if (ms > MOST_PROBE_MS) {
        throw new AppError(
          'UNAVAILABLE',
          `Expected the database to answer within ${MOST_PROBE_MS} ms, found ${ms} ms.`,
        );
      }
      return () => ({ ms });
    },
  });
  const auditSchema = z.object({ rows: z.number(), anchors: z.number() });
  const audit = step<Nothing, typeof auditSchema>({
    id: 'audit',
    title: 'Prove the audit log',
    needs: [store],
    output: auditSchema,
    perform: async ({ signal }) => {
      const { intact, rows, anchors, fault } = await verifyAudit(signal);
      if (!intact)
        throw new AppError('WORKSPACE_DAMAGED', `Expected an untouched audit log, found: ${fault?.problem ?? ''}`);
      return () => ({ rows, anchors });
    },
  });
  return {
    flow: 'probe',
    title: 'Probe',
    summary: 'Reads the store and proves the audit log, as a sign of life.',
    atOnce: 1,
    params: nothing,
    steps: [store, audit],
  };
}
