import type { Call } from '../core/call.ts';
import { RouterError } from '../core/failure.ts';
import type { Ports } from '../ports.ts';
import { largestAnswerBytes } from '../ledger/answers.ts';
import { sha256 } from '../upstream/gateway.ts';

interface Once {
  /** The request's `Idempotency-Key`. */
  readonly key: string;
  readonly ports: Ports;
  readonly respond: () => Promise<Response>;
}

/**
 * Answers a request with an `Idempotency-Key` once in a day: a repeat gets the first answer, another request under the same
 * key a 409, one that comes while the first still runs a 409 with a short wait. Only whole answers: a stream is not kept.
 * A request that failed before anything was executed is forgotten, so that its repeat is a first one.
 */
export async function answerOnce(call: Call, { key, ports, respond }: Once): Promise<Response> {
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw new RouterError({ kind: 'idempotency', why: 'malformed' });
  const first = { key, requestId: call.requestId };
  const begun = await ports.ledger.begin(call.caller.name, { ...first, digest: await digestOf(call) });
  switch (begun.kind) {
    case 'done':
      return new Response(begun.answer.body, {
        status: begun.answer.status,
        headers: { ...begun.answer.headers, 'x-router-replayed': 'true' },
      });
    case 'running':
    case 'conflict':
    case 'unkept':
      throw new RouterError({ kind: 'idempotency', why: begun.kind });
    case 'unreachable':
      // Answering without a mark could mean paying twice, which is what the caller asked to be spared.
      throw new RouterError({ kind: 'ledger-down' });
    case 'fresh':
      return keepAnswer(call, { first, ports, respond });
  }
}

async function keepAnswer(
  call: Call,
  { first, ports, respond }: Omit<Once, 'key'> & { first: { key: string; requestId: string } },
): Promise<Response> {
  try {
    const response = await respond();
    const body = new Uint8Array(await response.arrayBuffer());
    const headers = Object.fromEntries(response.headers);
    // One byte over the limit says as well as thirty megabytes that the answer is not kept.
    const kept = body.subarray(0, largestAnswerBytes + 1);
    if (body.length === 0) {
      // The caller left before there was an answer, and its call was cancelled: what it repeats is a first request.
      ports.later(ports.ledger.abandon(call.caller.name, first));
      return new Response(body, { status: response.status, headers });
    }
    ports.later(
      ports.ledger.finish(call.caller.name, { ...first, answer: { status: response.status, headers, body: kept } }),
    );
    return new Response(body, { status: response.status, headers });
  } catch (error) {
    ports.later(ports.ledger.abandon(call.caller.name, first));
    throw error;
  }
}

async function digestOf(call: Call): Promise<string> {
  return `${call.pathProvider ?? ''} ${call.endpoint} ${await sha256(call.body)}`;
}
