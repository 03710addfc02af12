/**
 * Where readings of the card's memory come from: nvidia-smi where it is installed, otherwise what the system says of its cards.
 * Never throws; a machine without a sensor says so.
 */
import si from 'systeminformation';
import { readNvidiaSmi, type SmiCommand } from './nvidia-smi';
import type { NoReading, VramReading } from './vram-guard';

/** `ours`: process ids of our jobs. */
export type VramSource = (ours: ReadonlySet<number>) => Promise<VramReading | NoReading>;

const MIB = 2 ** 20;
/** How long a machine without a sensor is taken at its word; a driver may be installed meanwhile. */
const ASK_AGAIN_MS = 60_000;

export function createVramSource(command: SmiCommand = ['nvidia-smi'], readCards = readSystemCards): VramSource {
  let absentUntil = 0;
  let absent: NoReading = { reason: '', hasSensor: false };
  return async (ours) => {
    if (performance.now() < absentUntil) return absent;
    const reading = await readNvidiaSmi(command, ours);
    if (!('reason' in reading) || reading.hasSensor) return reading;
    const other = await readCards();
    if ('reason' in other && !other.hasSensor) {
      absent = other;
      absentUntil = performance.now() + ASK_AGAIN_MS;
    }
    return other;
  };
}

/** The largest card of which the system knows size and use. */
async function readSystemCards(): Promise<VramReading | NoReading> {
  try {
    const { controllers } = await si.graphics();
    const readings = controllers.flatMap(({ memoryUsed, memoryTotal }) =>
      typeof memoryUsed === 'number' && typeof memoryTotal === 'number'
        ? [{ usedBytes: memoryUsed * MIB, totalBytes: memoryTotal * MIB, ownBytes: null }]
        : [],
    );
    if (readings.length === 0) {
      return { reason: 'No graphics card that reports its memory was found.', hasSensor: false };
    }
    return readings.reduce((largest, reading) => (reading.totalBytes > largest.totalBytes ? reading : largest));
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return { reason: `The system's list of cards could not be read: ${found}`, hasSensor: true };
  }
}
