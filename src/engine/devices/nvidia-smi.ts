/**
 * The card's memory by NVIDIA's own tool: how much is used, of how much, and by which processes. A tool that hangs is ended, and one
 * that prints nonsense gives no reading.
 */
import { execFile } from 'node:child_process';
import type { NoReading, VramReading } from './vram-guard';

/** Longest wait for the tool; readings are wanted once a second. */
const TIMEOUT_MS = 900;
const MIB = 2 ** 20;
/** The tool is installed and there is nothing for it to report: no fault that passes. */
const NO_CARD = /No devices were found|couldn't communicate with the NVIDIA driver/i;

/** Program and first arguments; `['nvidia-smi']` unless a test brings a stand-in. */
export type SmiCommand = readonly [program: string, ...leading: string[]];

/** One reading of the largest card. `ours`: process ids of our jobs. Never throws. */
export async function readNvidiaSmi(command: SmiCommand, ours: ReadonlySet<number>): Promise<VramReading | NoReading> {
  const [cards, apps] = await Promise.all([
    ask(command, ['--query-gpu=memory.used,memory.total', '--format=csv,noheader,nounits']),
    ours.size === 0
      ? Promise.resolve({ text: '' })
      : ask(command, ['--query-compute-apps=pid,used_memory', '--format=csv,noheader,nounits']),
  ]);
  if ('reason' in cards) return cards;
  if (NO_CARD.test(cards.text)) return { reason: 'nvidia-smi sees no card.', hasSensor: false };
  // Cards that share the memory of the system have none of their own to report: no fault, and no sensor.
  if (/^\s*\[(N\/A|Not Supported)\]\s*,/im.test(cards.text)) {
    return { reason: 'The driver does not report the memory of this card.', hasSensor: false };
  }
  const rows = numbersOf(cards.text).filter((row) => row.length === 2);
  if (rows.length === 0) {
    return { reason: `nvidia-smi said: ${cards.text.trim().slice(0, 80) || 'nothing'}`, hasSensor: true };
  }
  const [used, total] = rows.reduce((largest, row) => (row[1] > largest[1] ? row : largest));
  const own = 'reason' in apps ? null : ownOf(apps.text, ours);
  return { usedBytes: used * MIB, totalBytes: total * MIB, ownBytes: own };
}

/** Null where the driver does not tell how much a process uses. */
function ownOf(text: string, ours: ReadonlySet<number>): number | null {
  const own = numbersOf(text).filter(([pid]) => ours.has(pid));
  if (own.length === 0) return null;
  const bytes = own.reduce((sum, row) => sum + row[1], 0) * MIB;
  return Number.isFinite(bytes) && bytes >= 0 ? bytes : null;
}

/** Lines of comma-separated fields; what is no number (`[N/A]`) becomes NaN. */
function numbersOf(text: string): number[][] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(',').map((field) => (field.trim() === '' ? NaN : Number(field))));
}

function ask(
  [program, ...leading]: SmiCommand,
  query: readonly string[],
): Promise<{ readonly text: string } | NoReading> {
  return new Promise((resolve) => {
    const options = { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: 65_536, windowsHide: true } as const;
    execFile(program, [...leading, ...query], options, (error, stdout) => {
      if (error === null) return resolve({ text: stdout });
      if (NO_CARD.test(stdout)) return resolve({ reason: 'nvidia-smi sees no card.', hasSensor: false });
      if (error.code === 'ENOENT') return resolve({ reason: 'nvidia-smi is not installed.', hasSensor: false });
      const found = error.killed
        ? `did not answer within ${TIMEOUT_MS} ms`
        : `failed: ${firstLine(stdout) || error.code}`;
      return resolve({ reason: `nvidia-smi ${found}.`, hasSensor: true });
    });
  });
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0].slice(0, 80);
}
