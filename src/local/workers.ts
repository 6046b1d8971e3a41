import { field, textOf } from '../core/json.ts';
import { chatWire } from './chat.ts';
import { checkWorkers } from './check-workers.ts';
import { checkResponses } from './check-responses.ts';
import { checkEmbeddings, embed, oneShotWire, promptOf, textsOf, writeEmbeddings } from './embeddings.ts';
import type { Refusal } from './errors.ts';
import { legacyWire } from './legacy.ts';
import { readChat } from './read-chat.ts';
import { readResponses } from './read-responses.ts';
import { responsesWire } from './responses.ts';
import { refuse, serve } from './serve.ts';
import type { Serving } from './serve.ts';
import type { Listener } from './stream.ts';
import type { Voice } from './voice.ts';
import { embeddingModels, workersModels } from './workers-models.ts';
import { runMedia } from './workers-media.ts';
import type { WorkersModel } from './workers-models.ts';

/** A request to Workers AI, whatever the way it came. */
export interface WorkersRequest {
  readonly model: string;
  readonly inputs: unknown;
  readonly listener: Listener;
  readonly voice: Voice;
  readonly cloudflare: (status: number, code: number) => Refusal;
  /** `/ai/run` over HTTP wraps whole answers; the binding does not. */
  readonly wrap?: (body: unknown) => unknown;
  /** `x-session-affinity`, where it came. */
  readonly affinity?: string;
}

/** Answers by a model's native interface: the binding and `/ai/run`. */
export async function runNative(request: WorkersRequest): Promise<Response> {
  const embedding = embeddingModels.get(request.model);
  if (embedding !== undefined) return runEmbedding(request, embedding);
  const media = runMedia(request);
  if (media !== undefined) return media;
  const model = workersModels.get(request.model);
  if (model === undefined) return refuse(request.voice.unknownModel(request.model));
  const fault = checkWorkers(request.inputs, model, true);
  if (fault !== undefined) return refuse(request.voice.invalid(fault));
  const asksResponses = model.family === 'both' && field(request.inputs, 'input') !== undefined;
  if (asksResponses) return serve(servingOf(request, readResponses(request.inputs), responsesWire));
  const wire = model.family === 'legacy' ? legacyWire : chatWire(model.traits);
  return serve(servingOf(request, readChat(request.inputs), wire));
}

async function runEmbedding(
  request: WorkersRequest,
  { dimensions, pooling }: { dimensions: number; pooling: string },
): Promise<Response> {
  const texts = textsOf(request.inputs, 'text');
  if (texts.length === 0) {
    const message = "Bad input: Error: required properties at '/' are 'text'";
    return refuse(request.voice.invalid({ message, code: '5004' }));
  }
  const data = texts.map((text) => embed(text, dimensions));
  const body = { shape: [texts.length, dimensions], data, pooling };
  return serve(servingOf(request, promptOf(request.inputs, 'text', request.model), oneShotWire(body)));
}

/** Answers `/ai/v1/chat/completions`: Chat Completions for every family, with `neurons` in the usage. */
export async function runChat(request: WorkersRequest): Promise<Response> {
  const model = workersModels.get(request.model);
  if (model === undefined) return refuse(request.voice.unknownModel(request.model));
  const fault = checkWorkers(request.inputs, model, false);
  if (fault !== undefined) return refuse(request.voice.invalid(fault));
  return serve(servingOf(request, readChat(request.inputs), chatWire({ ...model.traits, neurons: true })));
}

/** Answers `/ai/v1/responses`: gpt-oss and its like alone. */
export async function runResponses(request: WorkersRequest): Promise<Response> {
  const model: WorkersModel | undefined = workersModels.get(request.model);
  if (model?.family !== 'both') return refuse(request.voice.unknownModel(request.model));
  const fault = checkResponses(request.inputs);
  if (fault !== undefined) return refuse(request.voice.invalid({ message: fault.message }));
  return serve(servingOf(request, readResponses(request.inputs), responsesWire));
}

/** Answers `/ai/v1/embeddings`: OpenAI's list, always of numbers (`encoding_format` is ignored). */
export async function runEmbeddings(request: WorkersRequest): Promise<Response> {
  const known = embeddingModels.get(request.model);
  if (known === undefined) return refuse(request.voice.unknownModel(request.model));
  const fault = checkEmbeddings(request.inputs);
  if (fault !== undefined) return refuse(request.voice.invalid({ message: fault.message }));
  const plain = { model: request.model, input: field(request.inputs, 'input') };
  const wire = oneShotWire(writeEmbeddings(plain, known.dimensions));
  return serve(servingOf(request, promptOf(request.inputs, 'input', request.model), wire));
}

function servingOf(request: WorkersRequest, prompt: Serving['prompt'], wire: Serving['wire']): Serving {
  const affinity = textOf(request.affinity) ?? prompt.affinity;
  return {
    prompt: { ...prompt, model: request.model, ...(affinity !== undefined && { affinity }) },
    body: request.inputs,
    wire,
    voice: request.voice,
    cloudflare: request.cloudflare,
    ...(request.wrap !== undefined && { wrap: request.wrap }),
    listener: request.listener,
  };
}
