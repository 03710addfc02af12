/** Which operation of the contract a method and a path lead to; the same answer as the RPC library's own matcher gives. */
import { operations, type OperationInfo } from '#contract/derive/operations';
import { API_PREFIX } from '#contract/client';

interface Route {
  readonly operation: OperationInfo;
  /** Null stands for any one segment. */
  readonly segments: readonly (string | null)[];
}

/** By method and number of segments; where several fit, literal segments win from the left. */
const routes = new Map<string, Route[]>();
for (const operation of operations) {
  const segments = operation.path.split('/').map((part) => (part.startsWith('{') ? null : part));
  const key = `${operation.method} ${segments.length}`;
  routes.set(key, [...(routes.get(key) ?? []), { operation, segments }]);
}
for (const alike of routes.values()) alike.sort(byLiterals);

function byLiterals(a: Route, b: Route): number {
  for (let i = 0; i < a.segments.length; i++) {
    const difference = Number(a.segments[i] === null) - Number(b.segments[i] === null);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `pathname` with the prefix of the API. */
export function findRoute(method: string, pathname: string): OperationInfo | undefined {
  if (!pathname.startsWith(`${API_PREFIX}/`)) return undefined;
  const parts = pathname.slice(API_PREFIX.length).split('/');
  const found = routes
    .get(`${method} ${parts.length}`)
    ?.find(({ segments }) => segments.every((segment, i) => segment === null || segment === parts[i]));
  return found?.operation;
}
