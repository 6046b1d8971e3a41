import { done } from '../policy/admin.ts';
import { text } from '../policy/field.ts';
import { pageQuery } from './admin-callers.ts';
import type { AdminRoute, QueryRow } from './admin-route.ts';
import { LimitsNow, Usage } from './admin-schema.ts';
import { AnyCaller, Day, readLimits, readUsage } from './admin-usage.ts';
import { usageCsv } from './usage-csv.ts';

const usageQuery: Readonly<Record<string, QueryRow>> = {
  caller: { schema: AnyCaller, says: 'one caller; all where absent, in pages' },
  from: { schema: Day, says: 'first day, UTC; 30 days to the last one where absent' },
  to: { schema: Day, says: 'last day, UTC; today where absent' },
  by: { schema: text(/^[a-z,]{0,40}$/), says: 'day, route, model, target with commas between; day where absent' },
  format: { schema: text(/^(json|csv)$/, 'must be json or csv'), says: 'json or csv; json where absent' },
  ...pageQuery,
};

/** What was used, and what is left. */
export const reportRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path: '/admin/usage',
    group: 'Usage and limits',
    id: 'readUsage',
    summary: 'Tell what callers used, in requests, tokens and money',
    details:
      'Sums over the days asked for, each line for one caller. A caller that is deleted, or known by a service binding alone, is told of where it is asked for by name. CSV names the next page in the header x-router-next.',
    query: usageQuery,
    output: Usage,
    run: readUsage,
    csv: async (asked, world) => {
      const read = await readUsage(asked, world);
      if (!read.ok) return read;
      const { next } = read.value;
      return done({ text: usageCsv(read.value), ...(next !== undefined && { next }) });
    },
  },
  {
    method: 'GET',
    path: '/admin/callers/{name}/limits',
    group: 'Usage and limits',
    id: 'readLimits',
    summary: 'Tell how the limits of a caller stand now',
    output: LimitsNow,
    run: readLimits,
  },
];
