/** The name that was probably meant: used wherever an unknown name is refused. */

/** Edit distance with insertions, deletions, substitutions and swaps of neighbors (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  const width = b.length + 1;
  const cells = new Uint16Array((a.length + 1) * width);
  for (let i = 0; i <= a.length; i++) cells[i * width] = i;
  for (let j = 0; j <= b.length; j++) cells[j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(
        cells[(i - 1) * width + j] + 1,
        cells[i * width + j - 1] + 1,
        cells[(i - 1) * width + j - 1] + change,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, cells[(i - 2) * width + j - 2] + 1);
      }
      cells[i * width + j] = best;
    }
  }
  return cells[a.length * width + b.length];
}

/** The closest candidate within a third of the word's length (at least 2 edits), or undefined where nothing is close. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(lower, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}
