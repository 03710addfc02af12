/** Sparse graphs from a matrix of similarities: the nearest neighbors, or the triangulated maximally filtered graph. */

/** Unordered pairs i > j, each once. */
export type Pairs = readonly (readonly [i: number, j: number])[];

/** Every node with its `count` most similar others; ties go to the lower index. */
export function nearestNeighbors(similarity: Float64Array, nodes: number, count: number): Pairs {
  const chosen = new Set<number>();
  for (let i = 0; i < nodes; i++) {
    const others = Array.from({ length: nodes }, (_, j) => j).filter((j) => j !== i);
    others.sort((a, b) => similarity[i * nodes + b] - similarity[i * nodes + a] || a - b);
    for (const j of others.slice(0, count)) chosen.add(Math.max(i, j) * nodes + Math.min(i, j));
  }
  return [...chosen].sort((a, b) => a - b).map((pair) => [Math.floor(pair / nodes), pair % nodes] as const);
}

/**
 * TMFG (Massara, Di Matteo, Aste 2016): a planar graph of 3N − 6 edges that grows from the most similar four by putting each time the
 * node and triangle of the largest gain together. Fewer than four nodes are all joined. O(N²).
 */
export function triangulatedGraph(similarity: Float64Array, nodes: number): Pairs {
  const at = (i: number, j: number) => similarity[i * nodes + j];
  const edges = new Set<number>();
  const join = (i: number, j: number) => edges.add(Math.max(i, j) * nodes + Math.min(i, j));
  const first = seedNodes(similarity, nodes);
  for (const i of first) for (const j of first) if (i > j) join(i, j);
  if (nodes > 4) {
    const [a, b, c, d] = first;
    const faces: [number, number, number][] = [
      [a, b, c],
      [a, b, d],
      [a, c, d],
      [b, c, d],
    ];
    const outside = new Set(Array.from({ length: nodes }, (_, i) => i).filter((i) => !first.includes(i)));
    const gain = ([x, y, z]: readonly [number, number, number], i: number) => at(i, x) + at(i, y) + at(i, z);
    const bestNode = faces.map((face) => bestOf(face));
    function bestOf(face: readonly [number, number, number]): number {
      let best = -1;
      let most = -Infinity;
      for (const i of outside) {
        const value = gain(face, i);
        if (value > most) [best, most] = [i, value];
      }
      return best;
    }
    while (outside.size > 0) {
      let face = 0;
      let most = -Infinity;
      for (let f = 0; f < faces.length; f++) {
        const value = gain(faces[f], bestNode[f]);
        if (value > most) [face, most] = [f, value];
      }
      const node = bestNode[face];
      const [x, y, z] = faces[face];
      for (const corner of [x, y, z]) join(node, corner);
      outside.delete(node);
      faces[face] = [x, y, node];
      faces.push([x, z, node], [y, z, node]);
      if (outside.size === 0) break;
      for (let f = 0; f < faces.length; f++) {
        if (f === face || f >= bestNode.length || bestNode[f] === node) bestNode[f] = bestOf(faces[f]);
      }
    }
  }
  return [...edges].sort((a, b) => a - b).map((pair) => [Math.floor(pair / nodes), pair % nodes] as const);
}

/** The four nodes of the largest sums of similarities above the mean. */
function seedNodes(similarity: Float64Array, nodes: number): number[] {
  const average = similarity.reduce((sum, value) => sum + value, 0) / Math.max(1, similarity.length);
  const strength = Array.from({ length: nodes }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < nodes; j++) {
      const value = similarity[i * nodes + j];
      if (j !== i && value > average) sum += value;
    }
    return sum;
  });
  return strength
    .map((_, i) => i)
    .sort((a, b) => strength[b] - strength[a] || a - b)
    .slice(0, 4);
}

/** Every asset with the most similar `count` others of its sector. Assets without a sector get none. */
export function sectorNeighbors(similarity: Float64Array, sectors: readonly string[], count: number): Pairs {
  const nodes = sectors.length;
  const chosen = new Set<number>();
  sectors.forEach((sector, i) => {
    if (sector === '') return;
    const peers = sectors.map((_, j) => j).filter((j) => j !== i && sectors[j] === sector);
    peers.sort((a, b) => similarity[i * nodes + b] - similarity[i * nodes + a] || a - b);
    for (const j of peers.slice(0, count)) chosen.add(Math.max(i, j) * nodes + Math.min(i, j));
  });
  return [...chosen].sort((a, b) => a - b).map((pair) => [Math.floor(pair / nodes), pair % nodes] as const);
}

/** Both directions of every pair and a self-loop at every node, in compressed rows. */
export function compressedRows(pairs: Pairs, nodes: number): { rowStart: Uint32Array; columns: Uint32Array } {
  const neighbors = Array.from({ length: nodes }, (_, i) => new Set([i]));
  for (const [i, j] of pairs) {
    neighbors[i].add(j);
    neighbors[j].add(i);
  }
  const columns = neighbors.flatMap((row) => [...row].sort((a, b) => a - b));
  const rowStart = new Uint32Array(nodes + 1);
  neighbors.forEach((row, i) => {
    rowStart[i + 1] = rowStart[i] + row.size;
  });
  return { rowStart, columns: Uint32Array.from(columns) };
}
