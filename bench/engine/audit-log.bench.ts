/** The audit log at ten years' size: one million chained rows proved, and one row appended. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '#base/log';
import { createAuditLog } from '#engine/audit/audit-log';
import { createDatabase, inTransaction } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { bench } from '../harness';

const ROWS = 1_000_000;
const folder = mkdtempSync(join(tmpdir(), 'sextant-bench-'));
const database = createDatabase({ file: join(folder, 'workspace.db'), key: new Uint8Array(32).fill(1), migrations });
const audit = createAuditLog({ database, folder, log: silentLog, now: () => Date.UTC(2026, 0, 1) });
const entry = { actor: 'screen', action: 'runs.start', object: '01JDA3N6X7Q8R9S0T1V2W3X4Y5', detail: { code: 'OK' } };

for (let start = 0; start < ROWS; start += 50_000) {
  inTransaction(database, () => {
    for (let i = 0; i < 50_000; i++) audit.append(entry);
  });
}

await bench({ job: 'audit log: prove 1 M rows', goalMs: 10_000 }, [
  {
    name: 'sextant',
    async run() {
      const { intact, rows } = await audit.verify();
      if (!intact || rows !== ROWS) throw new Error(`Expected ${ROWS} intact rows, found ${rows}.`);
    },
  },
]);
audit.close();
database.close();
rmSync(folder, { recursive: true });
