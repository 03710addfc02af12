/** The kill switch: its history as rows, the last one counts. Every release asks it inside its own transaction. */
import { AppError } from '#base/errors';
import type { KillSwitch } from '#contract/orders';
import type { Database } from '../store/database';

interface SwitchRow {
  readonly engaged: 0 | 1;
  readonly by: string;
  readonly at: number;
  readonly reason: string;
  readonly cancelled: number;
}

export function createKillSwitch(database: Database) {
  const last = database.prepare<[], SwitchRow>('SELECT * FROM kill_switch ORDER BY ordinal DESC LIMIT 1');
  const insert = database.prepare<[SwitchRow]>(
    'INSERT INTO kill_switch (engaged, by, at, reason, cancelled) VALUES (@engaged, @by, @at, @reason, @cancelled)',
  );

  return {
    current(): KillSwitch {
      const row = last.get();
      if (row === undefined) return { engaged: false, by: null, at: null, reason: null, cancelled: 0 };
      const { engaged, by, at, reason, cancelled } = row;
      return { engaged: engaged === 1, by, at: new Date(at).toISOString(), reason, cancelled };
    },
    write(engaged: boolean, by: string, at: number, reason: string, cancelled: number): void {
      insert.run({ engaged: engaged ? 1 : 0, by, at, reason, cancelled });
    },
    /** Errors: CONFLICT while it is engaged. */
    requireLifted(): void {
      const row = last.get();
      if (row?.engaged !== 1) return;
      throw new AppError(
        'CONFLICT',
        `Expected the kill switch to be lifted, found it engaged by ${row.by}: ${row.reason}. ` +
          'Lift it, with a reason, with: sextant orders lift REASON',
      );
    },
  };
}
