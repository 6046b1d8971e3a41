/** One request as it reached the stand-in, for tests to look at. */
export interface RecordedRequest {
  readonly seq: number;
  /** By which way it came: AI Gateway's host, Cloudflare's API host, or the `AI` binding. */
  readonly surface: 'gateway' | 'rest' | 'binding';
  /** Empty for the binding. */
  readonly method: string;
  readonly url: string;
  /** In the order received. For the binding: its `extraHeaders`. */
  readonly headers: readonly (readonly [string, string])[];
  /** The body's text, untouched. Empty for the binding. */
  readonly body: string;
  readonly model?: string;
  /** What the binding was given; signals and functions are written as their kind. */
  readonly inputs?: unknown;
  readonly options?: unknown;
  /** Metadata as the gateway's log would hold it: at most five entries, none where one of them was no scalar. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Whoever asked went away before the answer was complete. */
  cancelled: boolean;
}

/** The last requests, oldest first. At most 200. */
const records: RecordedRequest[] = [];
const recordsAtMost = 200;
let last = 0;

/** Records a request and numbers it. */
export function record(request: Omit<RecordedRequest, 'seq' | 'cancelled'>): RecordedRequest {
  last += 1;
  const recorded: RecordedRequest = { seq: last, ...request, cancelled: false };
  records.push(recorded);
  if (records.length > recordsAtMost) records.shift();
  return recorded;
}

/** Every request that is still recorded, oldest first. */
export function allRecords(): readonly RecordedRequest[] {
  return records;
}

/** Forgets every request and counts from 1 again. */
export function forgetRecords(): void {
  records.length = 0;
  last = 0;
}

/** Writes the value down as JSON can hold it: signals and functions, which the binding may be given, become their kind. */
export function plainCopy(value: unknown): unknown {
  const text = JSON.stringify(value, (_key, inner: unknown) => {
    if (inner instanceof AbortSignal) return 'signal';
    return typeof inner === 'function' ? 'function' : inner;
  });
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}
