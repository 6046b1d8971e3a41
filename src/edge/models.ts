import type { Dialect } from '../core/dialect.ts';
import { RouterError } from '../core/failure.ts';
import type { JsonObject } from '../core/json.ts';
import { findSlug } from '../core/providers.ts';
import type { Caller } from '../core/call.ts';
import { allowedNames, planFor } from '../policy/grants.ts';
import { listModels } from '../policy/plan.ts';
import type { PolicyStore } from '../policy/store.ts';

/** Time of creation in the lists: the models' own is not known, and clients only want a number. */
const createdSeconds = 1_767_225_600;
const createdDate = '2026-01-01T00:00:00Z';

/** Who asks, in which dialect. A caller sees what it may ask for. */
export interface Asking {
  readonly dialect: Dialect;
  readonly store: PolicyStore;
  readonly caller: Caller;
}

/** `GET /v1/models`: OpenAI's list, or Anthropic's page where the caller speaks Messages. Ids are unique. */
export async function modelList({ dialect, store, caller }: Asking): Promise<JsonObject> {
  const names = allowedNames(caller, await listModels(store));
  if (dialect !== 'messages') return { object: 'list', data: names.map(openaiModel) };
  const data = names.map(anthropicModel);
  return { data, has_more: false, first_id: names[0] ?? null, last_id: names.at(-1) ?? null };
}

/** `GET /v1/models/{id}`: any name that a request could ask for, not only the listed ones. Throws `unknown-model`. */
export async function findModel(id: string, { dialect, store, caller }: Asking): Promise<JsonObject> {
  if (id.length > 300) throw new RouterError({ kind: 'unknown-model', model: id.slice(0, 100), nearest: [] });
  await planFor({ model: id, endpoint: 'chat', caller }, store);
  return dialect === 'messages' ? anthropicModel(id) : openaiModel(id);
}

/** `GET /v1/model/info`, which litellm's proxy client reads (clients.md 3.8). */
export async function modelInfo({ store, caller }: Asking): Promise<JsonObject> {
  const names = allowedNames(caller, await listModels(store));
  return {
    data: names.map((name) => ({ model_name: name, litellm_params: { model: name }, model_info: { id: name } })),
  };
}

function openaiModel(id: string): JsonObject {
  return { id, object: 'model', created: createdSeconds, owned_by: ownerOf(id) };
}

function anthropicModel(id: string): JsonObject {
  return { type: 'model', id, display_name: id, created_at: createdDate };
}

function ownerOf(id: string): string {
  if (id.startsWith('@cf/')) return 'workers-ai';
  return findSlug(id.split('/')[0] ?? '') ?? 'router';
}
