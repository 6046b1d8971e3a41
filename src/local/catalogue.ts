import { createdSeconds } from './wire.ts';
import { workersModels } from './workers-models.ts';

const openaiModels = ['gpt-5', 'gpt-5-mini', 'gpt-4.1', 'text-embedding-3-small'];
const anthropicModels = ['claude-sonnet-4-5', 'claude-haiku-4-5'];

/** `GET models` of a provider, in its own shape. */
export function catalogue(slug: string): unknown {
  if (slug !== 'anthropic') {
    return {
      object: 'list',
      data: openaiModels.map((id) => ({ id, object: 'model', created: createdSeconds, owned_by: 'openai' })),
    };
  }
  const data = anthropicModels.map((id) => ({
    type: 'model',
    id,
    display_name: id,
    created_at: '2026-01-01T00:00:00Z',
  }));
  return { data, has_more: false, first_id: anthropicModels[0], last_id: anthropicModels.at(-1) };
}

/** `GET compat/models`: works, though undocumented (contract sheet 1.5). Costs are USD a token. */
export function compatCatalogue(): unknown {
  const ids = [
    ...openaiModels.map((id) => `openai/${id}`),
    ...anthropicModels.map((id) => `anthropic/${id}`),
    ...[...workersModels.keys()].map((id) => `workers-ai/${id}`),
  ];
  const data = ids.map((id) => ({
    id,
    object: 'model',
    created_at: createdSeconds,
    cost_in: 0.000001,
    cost_out: 0.000002,
    owned_by: id.split('/')[0],
  }));
  return { object: 'list', data };
}
