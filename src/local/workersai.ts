import { RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';
import { field, isObject, textOf } from '../core/json.ts';
import { findGateway } from './account.ts';
import { throughCache } from './cache.ts';
import { cloudflareError, gatewayError, isWorkersAiCode, textOfCode, workersAiError } from './errors.ts';
import type { Refusal } from './errors.ts';
import { visitGateway } from './gateway.ts';
import { accountId } from './keys.ts';
import { keepMetadata, refuseOptions } from './options.ts';
import { allRecords, plainCopy, record } from './records.ts';
import type { RecordedRequest } from './records.ts';
import { show } from './read.ts';
import { refuse } from './serve.ts';
import { addNoise, logId, stamp } from './stamp.ts';
import type { Listener } from './stream.ts';
import { workersAiVoice } from './voices-workers.ts';
import { runNative } from './workers.ts';

/**
 * Plays the `AI` binding (contract sheet 1.8). `run` always answers a `Response`: the router asks for the raw one everywhere,
 * and a call that does not is refused loudly, because the real binding would mix it up with those that do.
 */
export class WorkersAi extends WorkerEntrypoint {
  async run(model: string, inputs: unknown, options?: unknown): Promise<Response> {
    if (field(options, 'returnRawResponse') !== true) {
      throw new TypeError(
        'AI.run was called without returnRawResponse: true. The router must always ask for the raw response.',
      );
    }
    const extra = headersOf(field(options, 'extraHeaders'));
    const gateway = field(options, 'gateway');
    const recorded = record({
      surface: 'binding',
      method: '',
      url: '',
      headers: [...extra],
      body: '',
      model,
      inputs: plainCopy(inputs),
      options: plainCopy(options),
      metadata: keepMetadata(field(gateway, 'metadata')),
    });
    const listener = listen(recorded, field(options, 'signal'));
    const answered = await runModel({ model, inputs, gateway, extra, listener });
    return sign(answered, recorded, gateway);
  }

  gateway(id: string): LocalGateway {
    return new LocalGateway(id);
  }
}

interface BindingCall {
  readonly model: string;
  readonly inputs: unknown;
  /** The option `gateway`. */
  readonly gateway: unknown;
  /** The option `extraHeaders`. */
  readonly extra: Headers;
  readonly listener: Listener;
}

async function runModel({ model, inputs, gateway, extra, listener }: BindingCall): Promise<Response> {
  if (listener.signal?.aborted === true) throw aborted(listener.record);
  const refusal = refuseGateway(gateway);
  if (refusal !== undefined) return refuse(refusal);
  const affinity = extra.get('x-session-affinity');
  const run = (): Promise<Response> =>
    runNative({
      model,
      inputs,
      listener,
      voice: workersAiVoice,
      cloudflare: bindingError,
      ...(affinity !== null && { affinity }),
    });
  const key = textOf(field(gateway, 'cacheKey'));
  const skip = field(gateway, 'skipCache') === true;
  return throughCache(new Headers(key === undefined || skip ? {} : { 'cf-aig-cache-key': key }), run);
}

/** A gateway is named or not used; its options are checked only where one is named. */
function refuseGateway(gateway: unknown): Refusal | undefined {
  if (gateway === undefined) return undefined;
  if (findGateway(String(field(gateway, 'id'))) === undefined) return gatewayError(400, 2001, textOfCode(2001));
  return refuseOptions(gateway);
}

function bindingError(status: number, code: number): Refusal {
  return isWorkersAiCode(code) ? workersAiError(status, code, textOfCode(code)) : cloudflareError(status, code);
}

function sign(response: Response, recorded: RecordedRequest, gateway: unknown): Response {
  const eventId = textOf(field(gateway, 'eventId')) ?? null;
  const signed = gateway === undefined ? addNoise(response, recorded) : stamp(response, recorded, eventId);
  signed.headers.set('cf-ai-req-id', logId(recorded.seq));
  return signed;
}

function listen(recorded: RecordedRequest, signal: unknown): Listener {
  return { record: recorded, ...(signal instanceof AbortSignal && { signal }) };
}

function aborted(recorded: RecordedRequest): DOMException {
  recorded.cancelled = true;
  return new DOMException('The operation was aborted', 'AbortError');
}

function headersOf(value: unknown): Headers {
  const headers = new Headers();
  if (!isObject(value)) return headers;
  for (const [name, text] of Object.entries(value)) headers.set(name, show(text));
  return headers;
}

/** Plays `env.AI.gateway(id)`. Its methods must be awaited here even where the real ones are not asynchronous. */
export class LocalGateway extends RpcTarget {
  readonly #id: string;

  constructor(id: string) {
    super();
    this.#id = id;
  }

  /** One universal request or several, tried in order until one is answered well. The gateway asks for no token here. */
  async run(requests: unknown, options?: unknown): Promise<Response> {
    const tried = Array.isArray(requests) ? (requests as readonly unknown[]) : [requests];
    let response: Response | undefined;
    for (const [step, request] of tried.entries()) {
      response = await this.#runOne(request, options, step);
      if (response.ok) return response;
    }
    return response ?? refuse(gatewayError(400, 7001, 'Invalid request'));
  }

  async #runOne(request: unknown, options: unknown, step: number): Promise<Response> {
    const url = new URL(
      `https://gateway.ai.cloudflare.com/v1/${accountId}/${this.#id}/${String(field(request, 'provider'))}/${String(field(request, 'endpoint'))}`,
    );
    const headers = headersOf(field(request, 'headers'));
    for (const [name, value] of headersOf(field(options, 'extraHeaders'))) headers.set(name, value);
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
    const body = JSON.stringify(field(request, 'query') ?? {});
    const recorded = record({
      surface: 'binding',
      method: 'POST',
      url: url.href,
      headers: [...headers],
      body,
      options: plainCopy(options),
    });
    const listener = listen(recorded, field(options, 'signal'));
    const answered = await visitGateway({ method: 'POST', url, headers, body, listener, authenticated: true });
    const stamped = stamp(answered, recorded, headers.get('cf-aig-event-id'));
    stamped.headers.set('cf-aig-step', String(step));
    return stamped;
  }

  /** The address of a provider behind this gateway. */
  async getUrl(provider?: string): Promise<string> {
    return `https://gateway.ai.cloudflare.com/v1/${accountId}/${this.#id}/${provider ?? 'universal'}`;
  }

  /** The log of a request that is still recorded. Throws as the binding does where there is none. */
  async getLog(id: string): Promise<{ id: string; metadata: unknown }> {
    const found = allRecords().find(({ seq }) => logId(seq) === id);
    if (found === undefined) throw new Error('AiGatewayLogNotFound');
    return { id, metadata: found.metadata ?? {} };
  }
}
