import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VRAM_BUDGET_BYTES } from '#contract/vram';
import { createRandom, type TraceRandom } from './trace-random.test-data';
import { RESERVE_BYTES, STALE_MS, VramGuard, type NoReading, type VramReading } from './vram-guard';
import { VramRecorder } from './vram-series';

const GIB = 2 ** 30;
const TRACES = process.env['SEXTANT_LONG'] === '1' ? 10_000 : 400;
const card = (used: number, total = 12 * GIB, own: number | null = null): VramReading => ({
  usedBytes: used,
  totalBytes: total,
  ownBytes: own,
});

describe('what is known of the card', () => {
  it.each([
    ['negative', card(-1), /-1 bytes in use/],
    ['larger than the card', card(13 * GIB), /13.0 GiB in use on a card of 12.0 GiB/],
    ['not a number', card(NaN), /NaN bytes in use/],
    ['a card without a size', card(GIB, 0), /0 bytes as the size/],
    ['missing', { reason: 'nvidia-smi hangs', hasSensor: true }, /hangs/],
  ] satisfies [string, VramReading | NoReading, RegExp][])(
    'a reading that is %s is unknown and admits nothing',
    (_, reading, why) => {
      const guard = new VramGuard();
      guard.observe(0, card(GIB));
      expect(guard.refusal(0, GIB)).toBeNull();
      expect(guard.observe(1000, reading)).toEqual([]);
      expect(guard.state(1000, 0)).toMatchObject({ usedBytes: null, ownBytes: null, foreignBytes: null });
      expect(guard.state(1000, 0).reason).toMatch(why);
      expect(guard.refusal(1000, 0)).toMatch(/unknown/);
    },
  );

  it('a reading is good for three seconds and not one more', () => {
    const guard = new VramGuard();
    expect(guard.refusal(0, 0)).toMatch(/not been read yet/);
    guard.observe(500, card(GIB));
    expect(guard.refusal(3500, GIB)).toBeNull();
    expect(guard.refusal(3501, GIB)).toMatch(/3 s old|4 s old/);
    expect(guard.state(3501, 0).usedBytes).toBeNull();
  });

  it('the shares of this program and of others add up, whatever is reported', () => {
    fc.assert(
      fc.property(fc.nat(12), fc.option(fc.nat(20)), fc.nat(20), (used, own, reported) => {
        const guard = new VramGuard();
        guard.observe(0, card(used * GIB, 12 * GIB, own === null ? null : own * GIB));
        const state = guard.state(0, reported * GIB);
        expect((state.ownBytes ?? -1) + (state.foreignBytes ?? -1)).toBe(used * GIB);
        expect(state.ownBytes).toBe(Math.min(used, Math.max(own ?? 0, reported)) * GIB);
      }),
    );
  });

  it('the budget is 11 GiB in bytes, or the whole of a smaller card', () => {
    expect(VRAM_BUDGET_BYTES).toBe(11 * 2 ** 30);
    const guard = new VramGuard();
    guard.observe(0, card(0, 2 * GIB));
    expect(guard.state(0, 0).budgetBytes).toBe(2 * GIB);
    expect(guard.refusal(0, 2 * GIB - RESERVE_BYTES)).toBeNull();
    expect(guard.refusal(0, 2 * GIB - RESERVE_BYTES + 1)).toMatch(/2\.0 GiB are in use|of 2\.0 GiB/);
  });

  it('beside a program that holds 10 GiB only a small job starts', () => {
    const crowded = new VramGuard();
    crowded.observe(0, card(10 * GIB, 16 * GIB));
    expect(crowded.refusal(0, 0)).toMatch(/91 % of its budget/);
    const guard = new VramGuard();
    guard.observe(0, card(9.5 * GIB, 16 * GIB));
    expect(guard.refusal(0, GIB)).toBeNull();
    expect(guard.refusal(0, 2 * GIB)).toMatch(/needs 2.0 GiB.*9.5 GiB of 11.0 GiB are in use/);
  });

  it('without any sensor the need of the job decides alone', () => {
    const guard = new VramGuard();
    guard.observe(0, { reason: 'No graphics card that reports its memory was found.', hasSensor: false });
    expect(guard.refusal(99_999, 10 * GIB)).toBeNull();
    expect(guard.refusal(99_999, 11 * GIB)).toMatch(/needs 11.0 GiB/);
    expect(guard.refusal(99_999, NaN)).toMatch(/not known/);
  });
});

/** What a sensor said and when, as one line of history. */
type Entry = { readonly at: number; readonly reading: VramReading | NoReading };

/** The promises, written down a second time without memory: from the whole history, each time anew. */
function oracle(history: readonly Entry[], now: number) {
  const isGood = ({ reading }: Entry): boolean =>
    !('reason' in reading) &&
    reading.usedBytes >= 0 &&
    reading.usedBytes <= reading.totalBytes &&
    reading.totalBytes > 0;
  const last = history[history.length - 1];
  const known = last !== undefined && isGood(last) && now - last.at <= 3000 ? (last.reading as VramReading) : null;
  let alert = false;
  let alerts = 0;
  for (const entry of history.filter(isGood)) {
    const { usedBytes, totalBytes } = entry.reading as VramReading; // isGood says so
    const share = usedBytes / Math.min(VRAM_BUDGET_BYTES, totalBytes);
    if (!alert && share >= 0.9) alerts += 1;
    alert = share >= 0.9 || (alert && share >= 0.85);
  }
  return { known, alert, alerts };
}

/** A card over a minute and a half: other programs come and go, jump, and the sensor fails in every way it can. */
function trace(random: TraceRandom): { readonly truth: (at: number) => number; readonly total: number } {
  const total = [2, 8, 12, 16, 24][random.integer(5)] * GIB;
  const steps = Array.from({ length: 1 + random.integer(12) }, () => ({
    at: random.integer(90_000),
    used: random.uniform() * total * (random.uniform() < 0.3 ? 1 : 0.92),
    length: random.uniform() < 0.5 ? 500 + random.integer(3000) : 90_000,
  }));
  return {
    total,
    truth: (at) =>
      Math.max(0.05 * total, ...steps.filter((s) => at >= s.at && at < s.at + s.length).map((s) => s.used)),
  };
}

interface Sabotage {
  readonly admitUnknown?: boolean;
}

/** Plays one trace second by second. @returns every broken promise */
function play(seed: number, sabotage: Sabotage = {}): string[] {
  const random = createRandom(seed);
  const { truth, total } = trace(random);
  const guard = new VramGuard();
  const history: Entry[] = [];
  const broken: string[] = [];
  let alerts = 0;
  for (let tick = 0; tick < 90; tick++) {
    const asked = tick * 1000 + random.integer(50);
    const luck = random.uniform();
    const used = truth(asked);
    if (luck >= 0.06) {
      const reading: VramReading | NoReading =
        luck < 0.09
          ? { reason: 'no answer', hasSensor: true }
          : luck < 0.12
            ? card(-used - 1, total)
            : luck < 0.15
              ? card(total + 1 + used, total)
              : card(used, total);
      history.push({ at: asked, reading });
      const events = guard.observe(asked, reading);
      alerts += events.filter(({ type }) => type === 'alert').length;
      const share = used / Math.min(VRAM_BUDGET_BYTES, total);
      if (luck >= 0.15 && share >= 0.9 && guard.refusal(asked, 0) === null) broken.push('use above 90 % is admitted');
      if (events.some(({ type }) => type === 'over-budget') !== (luck >= 0.15 && share > 1)) broken.push('over-budget');
    }
    for (let ask = 0; ask < 3; ask++) {
      const now = asked + 900 + random.integer(5000) * (random.uniform() < 0.2 ? 1 : 0);
      const needed = random.uniform() * 12 * GIB;
      const expected = oracle(history, now);
      const refusal = guard.refusal(now, needed);
      const isAdmitted = refusal === null || (sabotage.admitUnknown === true && refusal.includes('unknown'));
      const mayStart =
        expected.known !== null &&
        !expected.alert &&
        expected.known.usedBytes + needed + RESERVE_BYTES <= Math.min(VRAM_BUDGET_BYTES, total);
      if (isAdmitted && !mayStart) broken.push(`admitted over the budget at ${now}`);
      if (!isAdmitted && mayStart) broken.push(`refused with room at ${now}`);
      const state = guard.state(now, 0);
      if ((state.usedBytes === null) !== (expected.known === null)) broken.push('known and unknown are confused');
    }
  }
  if (alerts !== oracle(history, 0).alerts) broken.push('not one alert per crossing');
  return broken;
}

describe(`${TRACES} random traces`, () => {
  it('no admission over the budget, one alert per crossing', { timeout: 300_000 }, () => {
    for (let seed = 0; seed < TRACES; seed++) expect(play(seed), `trace ${seed}`).toEqual([]);
  });

  it('notice a guard that takes unknown for empty (sabotage)', () => {
    const broken = Array.from({ length: 20 }, (_, seed) => play(seed, { admitUnknown: true })).flat();
    expect(broken.some((text) => text.startsWith('admitted over the budget'))).toBe(true);
  });

  it('has hysteresis: between 85 % and 90 % nothing new is told', () => {
    const guard = new VramGuard();
    const shares = [0.5, 0.89, 0.9, 0.95, 0.86, 0.91, 0.85, 0.92, 0.849, 0.9, 1.01, 0.5];
    const told = shares.map((share, i) =>
      guard
        .observe(i, card(share * 11 * GIB))
        .map(({ type }) => type)
        .join(),
    );
    expect(told).toEqual(['', '', 'alert', '', '', '', '', '', 'cleared', 'alert', 'over-budget', 'cleared']);
  });
});

describe('the series of a job', () => {
  const state = (usedBytes: number | null) => ({
    usedBytes,
    ownBytes: usedBytes === null ? null : usedBytes / 2,
    foreignBytes: null,
    totalBytes: null,
    budgetBytes: VRAM_BUDGET_BYTES,
    isAlert: false,
    reason: null,
  });

  it('stays small over eight hours, keeps the peak and shows what was unknown', () => {
    const recorder = new VramRecorder(1_000_000);
    expect(recorder.isEmpty).toBe(true);
    for (let second = 0; second < 28_800; second++) {
      const isUnknown = second >= 7200 && second < 10_800;
      recorder.add(1_000_000 + second * 1000, state(isUnknown ? null : second === 12_345 ? 9e9 : 1e9));
    }
    const series = recorder.series();
    expect(series.usedBytes.length).toBeLessThanOrEqual(720);
    expect(series.stepSeconds * series.usedBytes.length).toBeGreaterThanOrEqual(28_800);
    expect(Math.max(...series.usedBytes.map((value) => value ?? 0))).toBe(9e9);
    expect(series.usedBytes[Math.floor(12_345 / series.stepSeconds)]).toBe(9e9);
    expect(series.usedBytes[Math.floor(9000 / series.stepSeconds)]).toBeNull();
    expect(JSON.stringify(series).length).toBeLessThan(20_000);
  });
});

it('says that exactly as much is free as it admits', () => {
  const random = createRandom(5);
  for (let round = 0; round < 1000; round++) {
    const guard = new VramGuard();
    const totalBytes = (2 + random.integer(30)) * 2 ** 30;
    const usedBytes = random.integer(89) * 0.01 * Math.min(totalBytes, 11 * 2 ** 30);
    guard.observe(0, { usedBytes, totalBytes, ownBytes: null });
    const free = guard.freeBytes(0);
    expect(guard.refusal(0, free) === null || free === 0).toBe(true);
    expect(guard.refusal(0, free + 1)).not.toBeNull();
    expect(guard.freeBytes(STALE_MS + 1)).toBe(0);
  }
});
