import * as z from 'zod/mini';
import type { Dialect } from '../core/dialect.ts';
import { text, whole } from './field.ts';

const negated = { not: z.exactOptional(z.boolean()) };
const plain = z.string().check(z.maxLength(256));
/** How a text is compared. Exactly one of them; `not` turns it round. */
const textTests = {
  equals: z.exactOptional(plain),
  in: z.exactOptional(z.readonly(z.array(plain).check(z.minLength(1), z.maxLength(50)))),
  startsWith: z.exactOptional(plain),
  present: z.exactOptional(z.literal(true)),
  ...negated,
};
const clock = text(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 08:30, in UTC');
const bytes = whole(0, Number.MAX_SAFE_INTEGER);
export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** One condition on a request, as data: what is looked at and how it is compared. All conditions of a target must hold. */
export const Condition = z
  .discriminatedUnion('field', [
    z.strictObject({ field: z.literal('header'), name: text(/^[a-z0-9-]{1,64}$/), ...textTests }),
    z.strictObject({ field: z.literal('metadata'), name: text(/^.{1,64}$/), ...textTests }),
    z.strictObject({ field: z.enum(['dialect', 'caller', 'group', 'country', 'continent', 'colo']), ...textTests }),
    z.strictObject({ field: z.enum(['stream', 'tools', 'images']), is: z.boolean() }),
    z.strictObject({ field: z.literal('bodyBytes'), above: z.exactOptional(bytes), below: z.exactOptional(bytes) }),
    z.strictObject({
      field: z.literal('time'),
      from: z.exactOptional(clock),
      to: z.exactOptional(clock),
      days: z.exactOptional(z.readonly(z.array(z.enum(weekdays)).check(z.minLength(1)))),
      ...negated,
    }),
  ])
  .check(
    z.superRefine((condition, context) => {
      const fault = faultIn(condition);
      if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
    }),
  );
export type Condition = z.infer<typeof Condition>;

/** The request as conditions see it. What costs something to know is asked for only when a condition needs it. */
export interface CallFacts {
  readonly dialect: Dialect;
  readonly stream: boolean;
  readonly bodyBytes: number;
  readonly caller: string;
  readonly group: string | undefined;
  /** Cloudflare's `request.cf`: two-letter country, continent, three-letter data centre. */
  readonly region: { readonly country?: string; readonly continent?: string; readonly colo?: string };
  readonly nowMs: number;
  header(name: string): string | undefined;
  /** From the body's `metadata` and the caller's `cf-aig-metadata`. */
  metadata(name: string): string | undefined;
  hasTools(): boolean;
  hasImages(): boolean;
}

/** Whether a condition holds for a request. */
export function holds(condition: Condition, facts: CallFacts): boolean {
  switch (condition.field) {
    case 'header':
      return compare(condition, facts.header(condition.name));
    case 'metadata':
      return compare(condition, facts.metadata(condition.name));
    case 'dialect':
    case 'caller':
    case 'group':
      return compare(condition, facts[condition.field]);
    case 'country':
    case 'continent':
    case 'colo':
      return compare(condition, facts.region[condition.field]);
    case 'stream':
      return facts.stream === condition.is;
    case 'tools':
      return facts.hasTools() === condition.is;
    case 'images':
      return facts.hasImages() === condition.is;
    case 'bodyBytes':
      return (
        facts.bodyBytes > (condition.above ?? -1) && facts.bodyBytes < (condition.below ?? Number.POSITIVE_INFINITY)
      );
    case 'time':
      return inWindow(condition, facts.nowMs) !== (condition.not === true);
  }
}

/** A condition in words, for `explain`: `header x-tier equals "gold"`. */
export function sayCondition(condition: Condition): string {
  const { field, ...rest } = condition;
  const parts = Object.entries(rest).filter(([key]) => key !== 'name' && key !== 'not');
  const tests = parts.map(([key, value]) =>
    value === true && key === 'present' ? 'present' : `${key} ${JSON.stringify(value)}`,
  );
  const name = 'name' in condition ? ` ${condition.name}` : '';
  return `${'not' in condition && condition.not ? 'not: ' : ''}${field}${name} ${tests.join(' ')}`.trim();
}

type TextTests = Pick<Extract<Condition, { field: 'header' }>, 'equals' | 'in' | 'startsWith' | 'present' | 'not'>;

function compare(tests: TextTests, value: string | undefined): boolean {
  return matches(tests, value) !== (tests.not === true);
}

function matches(tests: TextTests, value: string | undefined): boolean {
  if (value === undefined) return false;
  if (tests.equals !== undefined) return value === tests.equals;
  if (tests.in !== undefined) return tests.in.includes(value);
  return tests.startsWith === undefined || value.startsWith(tests.startsWith);
}

/** A window that ends before it begins runs over midnight; the day is the one on which it began. */
function inWindow(window: Extract<Condition, { field: 'time' }>, nowMs: number): boolean {
  const now = new Date(nowMs);
  const minute = now.getUTCHours() * 60 + now.getUTCMinutes();
  const from = minuteOf(window.from) ?? 0;
  const to = minuteOf(window.to) ?? 1_440;
  const overMidnight = to <= from;
  const inside = overMidnight ? minute >= from || minute < to : minute >= from && minute < to;
  const began = overMidnight && minute < to ? (now.getUTCDay() + 6) % 7 : now.getUTCDay();
  const day = weekdays[began];
  return inside && (window.days === undefined || (day !== undefined && window.days.includes(day)));
}

function minuteOf(time: string | undefined): number | undefined {
  if (time === undefined) return undefined;
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

function faultIn(condition: { readonly field: string } & Record<string, unknown>): string | undefined {
  if (condition.field === 'bodyBytes') {
    return condition['above'] === undefined && condition['below'] === undefined
      ? 'needs "above" or "below"'
      : undefined;
  }
  if (condition.field === 'time') {
    return condition['from'] === undefined && condition['to'] === undefined && condition['days'] === undefined
      ? 'needs "from", "to" or "days"'
      : undefined;
  }
  if (Object.hasOwn(condition, 'is')) return undefined;
  const tests = ['equals', 'in', 'startsWith', 'present'].filter((name) => condition[name] !== undefined);
  return tests.length === 1 ? undefined : 'needs exactly one of "equals", "in", "startsWith", "present"';
}
