/** Small price files for the screen: a seeded walk per asset, on weekdays. */

const DAY_MS = 86_400_000;

function weekdays(first: string, count: number): string[] {
  const days: string[] = [];
  for (let time = Date.parse(first); days.length < count; time += DAY_MS) {
    const day = new Date(time);
    if (day.getUTCDay() % 6 !== 0) days.push(day.toISOString().slice(0, 10));
  }
  return days;
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** A long table `date,open,high,low,close,volume,symbol`; the same arguments give the same bytes. */
export function longPrices(assets: readonly string[], days: number): string {
  const lines = ['date,open,high,low,close,volume,symbol'];
  for (const [index, asset] of assets.entries()) {
    let state = 7 + index;
    let price = 50 + 10 * index;
    for (const day of weekdays('2020-01-06', days)) {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      const next = price * (1 + (state / 2_147_483_648 - 0.49) * 0.03);
      const high = Math.max(price, next) * 1.002;
      const low = Math.min(price, next) * 0.998;
      const numbers = [price, high, low, next].map((value) => value.toFixed(4));
      lines.push([day, ...numbers, 1000 + (state % 5000), quoted(asset)].join(','));
      price = next;
    }
  }
  return `${lines.join('\n')}\n`;
}
