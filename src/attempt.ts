import { RouterError, type Failure, type UpstreamFailure } from './core/failure.ts';
import type { Call } from './core/call.ts';
import type { Target } from './core/target.ts';
import type { Ports } from './ports.ts';
import { readAnswer } from './reply.ts';
import { writeCall, type WrittenCall } from './request.ts';
import { clocksOf, failed, type Tried, type Trying } from './tried.ts';
import { classify } from './upstream/classify.ts';
import { secretsOf } from './upstream/credentials.ts';

/** Tries one target: writes the request, sends it, tells what came of it. */
export async function tryTarget(call: Call, trying: Trying): Promise<Tried> {
  const { target, ports } = trying;
  const missing = missingCredential(call, target, ports);
  if (missing !== undefined) return { kind: 'failed', failure: missing, elsewhere: true };
  const written = await writeCall(call, trying).catch(unfit);
  if ('kind' in written) return written;
  const startedMs = ports.timer.now();
  const attempt = new AbortController();
  const signal = AbortSignal.any([call.signal, attempt.signal]);
  const abort = () => attempt.abort();
  const sent = await sendInTime(call, { trying, written, signal, abort });
  if (!(sent instanceof Response)) return sent;
  trying.onHeaders();
  return readAnswer(call, { trying, written, response: sent, startedMs, abort });
}

/** A request that this target cannot take may fit the next one; what is wrong with it everywhere is thrown on. */
function unfit(error: unknown): Tried {
  if (error instanceof RouterError && unfitKinds.has(error.failure.kind)) {
    return { kind: 'failed', failure: error.failure, elsewhere: true };
  }
  throw error;
}

const unfitKinds: ReadonlySet<Failure['kind']> = new Set(['lost', 'not-translatable', 'model-refused']);

/** A credential that the policy names and that is not there, told before anything is sent. Never `Bearer undefined`. */
export function missingCredential(call: Call, target: Target, ports: Ports): Failure | undefined {
  if (target.credentials === 'caller' && call.callerKey === undefined) {
    return {
      kind: 'bad-request',
      code: 'missing_provider_key',
      message:
        `Cannot call ${target.name}: this route uses your own provider key and none came. Send the router's key in ` +
        'cf-aig-authorization and your provider key in Authorization (or x-api-key).',
    };
  }
  const secret = secretsOf(target).find((name) => !ports.hasSecret(name));
  return secret === undefined ? undefined : { kind: 'not-configured', binding: secret };
}

interface Sent {
  readonly trying: Trying;
  readonly written: WrittenCall;
  readonly signal: AbortSignal;
  readonly abort: () => void;
}

/** Sends the request and waits for the answer's headers, no longer than the first-byte clock. */
async function sendInTime(call: Call, { trying, written, signal, abort }: Sent): Promise<Response | Tried> {
  const { ports, target } = trying;
  const over = new AbortController();
  const late = ports.timer.wait(clocksOf(call, target).firstByteMs, over.signal).then(
    () => 'late' as const,
    () => new Promise<never>(() => undefined),
  );
  try {
    const answered = await Promise.race([
      ports.send(written.request, { callerKey: call.callerKey, signal }),
      late,
      leaving(call.signal),
    ]);
    if (answered instanceof Response) return answered;
    abort();
    return answered === 'left'
      ? { kind: 'left' }
      : failed({ kind: 'upstream', cause: 'first-byte-timeout', target: target.name });
  } catch (cause) {
    if (call.signal.aborted) return { kind: 'left' };
    if (cause instanceof RouterError) throw cause;
    return failed(thrownFailure(cause, target));
  } finally {
    over.abort();
  }
}

/** The binding may throw instead of answering: `"3040: out of capacity"` (sheet 1.8). Anything else is the connection. */
function thrownFailure(cause: unknown, target: Target): UpstreamFailure {
  const text = cause instanceof Error ? cause.message : '';
  if (!/^\d{4,5}: /.test(text)) return { kind: 'upstream', cause: 'connection', target: target.name };
  const { status: _none, ...failure } = classify({
    status: 400,
    nowMs: 0,
    headers: new Headers(),
    text,
    target: target.name,
    provider: target.provider,
  });
  return failure;
}

async function leaving(signal: AbortSignal): Promise<'left'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('left');
    signal.addEventListener('abort', () => resolve('left'), { once: true });
  });
}
