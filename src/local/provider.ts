import { countOf, field, textOf } from '../core/json.ts';
import { askAudio, type AudioEndpoint } from './audio.ts';
import { chatWire } from './chat.ts';
import { checkChat } from './check-chat.ts';
import { checkMessages } from './check-messages.ts';
import { checkResponses } from './check-responses.ts';
import { completionsWire } from './completions.ts';
import { checkEmbeddings, oneShotWire, promptOf, writeEmbeddings } from './embeddings.ts';
import { cloudflareError } from './errors.ts';
import type { Fault } from './errors.ts';
import { messagesWire } from './messages.ts';
import { checkOneShot, writeImages, writeModeration } from './one-shot.ts';
import type { Prompt } from './prompt.ts';
import { readChat } from './read-chat.ts';
import { readMessages } from './read-messages.ts';
import { readResponses } from './read-responses.ts';
import { responsesWire } from './responses.ts';
import { refuse, serve } from './serve.ts';
import type { Site, SiteEndpoint } from './sites.ts';
import type { Listener } from './stream.ts';
import { countInput } from './tokens.ts';
import type { Wire } from './wire.ts';

/** A request that has reached a provider with a credential that it takes. */
export interface ProviderRequest {
  readonly site: Site;
  readonly endpoint: Exclude<SiteEndpoint, 'models'>;
  readonly body: unknown;
  /** The body as it came, for what is no JSON. */
  readonly raw: string;
  /** The model as the provider names it, where the path or a prefix said it and not the body alone. */
  readonly model?: string;
  readonly headers: Headers;
  readonly listener: Listener;
}

interface Desk {
  readonly check: (body: unknown, request: ProviderRequest) => Fault | undefined;
  readonly read: (body: unknown) => Prompt;
  readonly wire: (body: unknown, prompt: Prompt, site: Site) => Wire;
}

const version = 'anthropic-version';

const desks: Readonly<Record<Exclude<ProviderRequest['endpoint'], AudioEndpoint>, Desk>> = {
  chat: {
    check: (body, { site }) => checkChat(body, site.rules),
    read: readChat,
    wire: (_body, _prompt, site) => chatWire(site.traits),
  },
  messages: {
    check: (body, request) => checkVersioned(body, request, false),
    read: readMessages,
    wire: () => messagesWire,
  },
  'count-tokens': {
    check: (body, request) => checkVersioned(body, request, true),
    read: (body) => ({ ...readMessages(body), stream: false }),
    wire: (_body, prompt) => oneShotWire({ input_tokens: countInput(prompt) }),
  },
  responses: { check: checkResponses, read: readResponses, wire: () => responsesWire },
  embeddings: {
    check: checkEmbeddings,
    read: (body) => promptOf(body, 'input', ''),
    wire: (body) => oneShotWire(writeEmbeddings(body, 1536)),
  },
  completions: {
    check: (body) => checkOneShot(body, 'prompt'),
    read: readCompletions,
    wire: () => completionsWire,
  },
  moderations: {
    check: (body) => checkOneShot(body, 'input'),
    read: (body) => promptOf(body, 'input', ''),
    wire: (body) => oneShotWire(writeModeration(body)),
  },
  images: {
    check: (body) => checkOneShot(body, 'prompt'),
    read: (body) => promptOf(body, 'prompt', ''),
    wire: (body) => oneShotWire(writeImages(body)),
  },
};

function readCompletions(body: unknown): Prompt {
  const maxTokens = countOf(field(body, 'max_tokens'));
  return {
    ...promptOf(body, 'prompt', ''),
    stream: field(body, 'stream') === true,
    includeUsage: field(field(body, 'stream_options'), 'include_usage') === true,
    ...(maxTokens !== undefined && { maxTokens }),
  };
}

function checkVersioned(body: unknown, request: ProviderRequest, counting: boolean): Fault | undefined {
  const sent = request.headers.get(version);
  if (sent === null) return { message: 'anthropic-version: header is required' };
  return checkMessages(body, sent, counting);
}

/** Answers as the provider: its checks, its models, its wire. */
export async function askProvider(request: ProviderRequest): Promise<Response> {
  const { site, endpoint } = request;
  if (endpoint === 'speech' || endpoint === 'transcriptions') return askAudio(endpoint, request);
  const desk = desks[endpoint];
  const type = request.headers.get('content-type') ?? 'none';
  if (!type.toLowerCase().startsWith('application/json')) return refuse(site.voice.invalid(wrongType(type)));
  if (request.body === undefined) return refuse(site.voice.invalid(notJson));
  const named = textOf(field(request.body, 'model'));
  const model = request.model ?? named ?? '';
  // Only Azure names the model in the path alone.
  const fault = desk.check(
    named === undefined && model !== '' ? withModel(request.body, model) : request.body,
    request,
  );
  if (fault !== undefined) return refuse(site.voice.invalid(fault));
  if (!site.models.test(model)) return refuse(site.voice.unknownModel(model));
  const prompt = { ...desk.read(request.body), model };
  const { body, listener } = request;
  const wire = desk.wire(body, prompt, site);
  return serve({ prompt, body, wire, voice: site.voice, cloudflare: cloudflareError, listener });
}

function withModel(body: unknown, model: string): unknown {
  return typeof body === 'object' && body !== null ? { ...body, model } : body;
}

function wrongType(type: string): Fault {
  return {
    message: `Unsupported content type: '${type}'. This API method only accepts 'application/json' requests.`,
    code: 'unsupported_content_type',
  };
}

const notJson: Fault = {
  message:
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)",
};
