import { callerRoutes } from './admin-callers.ts';
import { keyRoutes } from './admin-keys.ts';
import { policyRoutes } from './admin-policies.ts';
import { reportRoutes } from './admin-reports.ts';
import type { AdminRoute } from './admin-route.ts';

/** Every endpoint of the admin plane: the dispatcher walks it, and the documents are made from it. */
export const adminRoutes: readonly AdminRoute[] = [...callerRoutes, ...keyRoutes, ...reportRoutes, ...policyRoutes];

/** An endpoint that a path fits, with what stands for the names in braces. */
export interface Fitting {
  readonly route: AdminRoute;
  readonly path: Readonly<Record<string, string>>;
}

/**
 * The endpoints of a path, whatever their method. A path with words of its own in place of a name goes before one with the
 * name: a key cannot be called `rotate`.
 */
export function findFitting(pathname: string): Fitting[] {
  const segments = pathname.split('/');
  const fitting = adminRoutes.flatMap((route) => {
    const path = fit(route.path.split('/'), segments);
    return path === undefined ? [] : [{ route, path }];
  });
  const fewest = Math.min(...fitting.map(({ path }) => Object.keys(path).length));
  return fitting.filter(({ path }) => Object.keys(path).length === fewest);
}

function fit(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const path: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    const isName = part.startsWith('{');
    if (!isName && part !== segment) return undefined;
    const value = isName ? decode(segment) : undefined;
    if (isName && (value === undefined || value === '')) return undefined;
    if (value !== undefined) path[part.slice(1, -1)] = value;
  }
  return path;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
