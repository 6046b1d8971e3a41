import { endpoints, type Endpoint } from '../core/call.ts';
import { providerOfSegment } from '../policy/names.ts';
import { opencodePath } from './opencode.ts';

/** What a path asks for. */
export type Asked =
  | { readonly kind: 'inference'; readonly endpoint: Endpoint; readonly pathProvider?: string }
  /** The same request, explained instead of answered. */
  | { readonly kind: 'explain'; readonly endpoint: Endpoint; readonly pathProvider?: string }
  | { readonly kind: 'models' }
  | { readonly kind: 'schema' }
  /** opencode's configuration: how to log in, and what to ask for. */
  | { readonly kind: 'opencode-login' | 'opencode-config' }
  | { readonly kind: 'model'; readonly id: string }
  | { readonly kind: 'model-info' }
  | { readonly kind: 'root' }
  | { readonly kind: 'health' }
  /** The admin plane and its documents; where there is none it is an unknown path like any other. */
  | { readonly kind: 'admin'; readonly nearest?: string; readonly unserved?: string }
  | { readonly kind: 'unknown'; readonly nearest?: string; readonly unserved?: string };

/** Endpoints by the end of their path, longest first. */
const tails: readonly { tail: readonly string[]; endpoint: Endpoint }[] = [
  { tail: ['messages', 'count_tokens'], endpoint: 'count-tokens' },
  { tail: ['chat', 'completions'], endpoint: 'chat' },
  { tail: ['messages'], endpoint: 'messages' },
  { tail: ['responses'], endpoint: 'responses' },
  { tail: ['images', 'generations'], endpoint: 'images' },
  { tail: ['audio', 'speech'], endpoint: 'speech' },
  { tail: ['audio', 'transcriptions'], endpoint: 'transcriptions' },
  { tail: ['embeddings'], endpoint: 'embeddings' },
  { tail: ['moderations'], endpoint: 'moderations' },
  { tail: ['completions'], endpoint: 'completions' },
];

/**
 * Recognises a path by its end, since users get base URLs wrong: without `/v1`, with it twice, behind a provider's name,
 * behind AI Gateway's or the REST API's own prefix, with the tail pasted twice. `pathname` is the parsed URL's: what a
 * proxy or a `..` would make of it has happened already, and `%2f` is not a slash here.
 */
export function readPath(pathname: string): Asked {
  // Empty segments: a base URL with a trailing slash gives `//chat/completions`.
  const segments = pathname.split('/').filter((segment) => segment !== '');
  if (segments.length === 0) return { kind: 'root' };
  if (segments.length === 1 && segments[0] === 'healthz') return { kind: 'health' };
  if (pathname === '/api/hello') return { kind: 'root' };
  if (pathname === '/schema/route.json') return { kind: 'schema' };
  if (pathname === '/.well-known/opencode') return { kind: 'opencode-login' };
  if (pathname === opencodePath) return { kind: 'opencode-config' };
  if (isAdmin(segments)) return { ...unknown(segments), kind: 'admin' };
  if (segments[0] === 'explain') return readExplain(segments.slice(1));
  return readModels(segments) ?? readInference(segments);
}

/** `/admin/...`, and the documents at `/openapi.json` and `/docs`. */
function isAdmin(segments: readonly string[]): boolean {
  return segments[0] === 'admin' || (segments.length === 1 && ['openapi.json', 'docs'].includes(segments[0] ?? ''));
}

function readExplain(segments: readonly string[]): Asked {
  const asked = readInference(segments);
  if (asked.kind === 'inference') return { ...asked, kind: 'explain' };
  return { kind: 'unknown', nearest: 'POST /explain/v1/chat/completions' };
}

function readInference(segments: readonly string[]): Asked {
  const found = tails.find(({ tail }) => endsWith(segments, tail));
  if (found === undefined) return unknown(segments);
  const prefix = segments.slice(0, -found.tail.length);
  const before = stripTails(prefix);
  const provider = readPrefix(before);
  if (provider === undefined) return unknown(segments, `POST ${endpoints[found.endpoint].path}`);
  return { kind: 'inference', endpoint: found.endpoint, ...(provider !== '' && { pathProvider: provider }) };
}

/** `/chat/completions/chat/completions`: a full URL pasted as the base. */
function stripTails(segments: readonly string[]): readonly string[] {
  const found = tails.find(({ tail }) => endsWith(withoutVersion(segments), tail));
  return found === undefined ? segments : stripTails(withoutVersion(segments).slice(0, -found.tail.length));
}

function withoutVersion(segments: readonly string[]): readonly string[] {
  return segments.at(-1) === 'v1' ? segments.slice(0, -1) : segments;
}

/** Segments that mean nothing in front of an endpoint. */
const noise = new Set(['v1', 'v1beta', 'api', 'ai', 'compat']);

/**
 * Reads what stands before the endpoint: the provider's slug, `''` where none stands there, `undefined` where the prefix is
 * none that a client of AI Gateway, of the REST API or of a provider would have.
 */
function readPrefix(segments: readonly string[]): string | undefined {
  const rest = stripAccount(segments);
  let provider = '';
  for (const segment of rest) {
    // Google's and Groq's own OpenAI-shaped APIs live under `openai/`, behind the slug.
    if (noise.has(segment) || (segment === 'openai' && provider !== '')) continue;
    const slug = providerOfSegment(segment);
    if (slug === undefined || provider !== '') return undefined;
    provider = slug;
  }
  return provider;
}

const accountId = /^[0-9a-f]{32}$/;

/** `/v1/{account}/{gateway}/...` and `/client/v4/accounts/{account}/...`: the router has its own account and gateway. */
function stripAccount(segments: readonly string[]): readonly string[] {
  if (segments[0] === 'client' && segments[1] === 'v4' && segments[2] === 'accounts') return segments.slice(4);
  if (segments[0] === 'v1' && accountId.test(segments[1] ?? '')) return segments.slice(3);
  return accountId.test(segments[0] ?? '') ? segments.slice(2) : segments;
}

/** `GET /v1/models`, `GET /v1/models/{id}` with raw or encoded slashes in the id, and litellm's `/v1/model/info`. */
function readModels(segments: readonly string[]): Asked | undefined {
  if (endsWith(segments, ['model', 'info'])) return { kind: 'model-info' };
  const at = segments.indexOf('models');
  if (at < 0 || readPrefix(segments.slice(0, at)) === undefined) return undefined;
  const id = segments
    .slice(at + 1)
    .map(decode)
    .join('/');
  // Google's own API asks `models/{model}:generateContent`: not spoken here, and no model's name.
  if (/:\w*[gG]enerateContent$|:countTokens$|:embedContent$/.test(id)) return undefined;
  return id === '' ? { kind: 'models' } : { kind: 'model', id };
}

/** Decodes until nothing changes, twice at most: some clients encode an id that is encoded already. */
function decode(segment: string): string {
  return decodeOnce(decodeOnce(segment));
}

function decodeOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function endsWith(segments: readonly string[], tail: readonly string[]): boolean {
  return (
    segments.length >= tail.length && tail.every((part, i) => segments[segments.length - tail.length + i] === part)
  );
}

/** A path that is none: what it asks for and is not served here, else the nearest that is, by its words unless given. */
function unknown(segments: readonly string[], given?: string): Asked & { kind: 'unknown' } {
  const unserved = unservedIn(segments);
  if (unserved !== undefined) return { kind: 'unknown', unserved };
  const nearest =
    given ?? hints.find(({ word }) => segments.some((segment) => segment.toLowerCase().includes(word)))?.path;
  return { kind: 'unknown', ...(nearest !== undefined && { nearest }) };
}

/** The vendors' APIs that keep something, or hold a line open: clients ask for them, and the router has none of it. */
const unservedNames: ReadonlyMap<string, string> = new Map([
  ['files', 'files'],
  ['uploads', 'uploads'],
  ['batches', 'batches'],
  ['assistants', 'assistants'],
  ['threads', 'threads'],
  ['vector_stores', 'vector stores'],
  ['fine_tuning', 'fine-tuning'],
  ['realtime', 'realtime sessions'],
  ['conversations', 'conversations'],
  ['edits', 'edits of images'],
  ['variations', 'variations of images'],
  ['translations', 'translations of audio'],
]);

/** `/v1/files/f_1`, `/v1/messages/batches`, `/v1/images/edits`; and a stored answer, `/v1/responses/resp_1`. */
function unservedIn(segments: readonly string[]): string | undefined {
  const named = segments.map((segment) => unservedNames.get(segment)).find((name) => name !== undefined);
  if (named !== undefined) return named;
  return segments.some((segment, at) => segment === 'responses' && segments[at + 1]?.startsWith('resp_') === true)
    ? 'stored responses'
    : undefined;
}

const hints = [
  { word: 'chat', path: 'POST /v1/chat/completions' },
  { word: 'message', path: 'POST /v1/messages' },
  { word: 'response', path: 'POST /v1/responses' },
  { word: 'embed', path: 'POST /v1/embeddings' },
  { word: 'moderat', path: 'POST /v1/moderations' },
  { word: 'image', path: 'POST /v1/images/generations' },
  { word: 'speech', path: 'POST /v1/audio/speech' },
  { word: 'transcri', path: 'POST /v1/audio/transcriptions' },
  { word: 'completion', path: 'POST /v1/completions' },
  { word: 'model', path: 'GET /v1/models' },
];

/** A path as messages may show it: cut, and without anything that is not printable. */
export function showPath(url: string): string {
  return new URL(url).pathname.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
}
