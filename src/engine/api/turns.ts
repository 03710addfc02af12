/** One after the other, per name: a check and the change that depends on it are not split by another of the same kind. */

/** Runs the work after all earlier work of that name; at once where the name is null or undefined. */
export function createTurns(): <T>(name: string | null | undefined, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (name, work) => {
    if (name === null || name === undefined) return work();
    const turn = (last.get(name) ?? Promise.resolve()).then(work, work);
    last.set(name, turn);
    const leave = () => {
      if (last.get(name) === turn) last.delete(name);
    };
    turn.then(leave, leave);
    return turn;
  };
}
