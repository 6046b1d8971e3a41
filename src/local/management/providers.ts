import { isObject, textOf } from '../../core/json.ts';
import { account, nextId, stamps } from '../account.ts';
import { apiError } from '../errors.ts';
import { invalid, isFlag, isText, notFound, page, result, wrongField } from './row.ts';
import type { FieldCheck, ManagementAnswer, ManagementCall, ManagementRow } from './row.ts';

const providers = '/accounts/:account/ai-gateway/custom-providers';
const read = ['AI Gateway Read', 'AI Gateway Edit'];
const edit = ['AI Gateway Edit'];

/** Custom providers: made, listed, shown and deleted; there is no update (contract sheet 1.4). */
export const providerRows: readonly ManagementRow[] = [
  { method: 'GET', path: providers, needs: read, answer: listProviders },
  { method: 'POST', path: providers, needs: edit, answer: createProvider },
  { method: 'GET', path: `${providers}/:provider`, needs: read, answer: showProvider },
  { method: 'DELETE', path: `${providers}/:provider`, needs: edit, answer: deleteProvider },
];

const isAnyText: FieldCheck = (value) => typeof value === 'string';

const checks: ReadonlyMap<string, FieldCheck> = new Map<string, FieldCheck>([
  ['name', isText],
  ['slug', (value) => typeof value === 'string' && /^[a-z0-9][a-z0-9-]{0,63}$/.test(value)],
  ['base_url', (value) => typeof value === 'string' && URL.parse(value)?.protocol === 'https:'],
  ['beta', isFlag],
  ['enable', isFlag],
  ['description', isAnyText],
  ['link', isAnyText],
  ['headers', isHeaders],
  ['curl_example', isAnyText],
  ['js_example', isAnyText],
  ['position', (value) => typeof value === 'number'],
]);

/** A JSON object as text. */
function isHeaders(value: unknown): boolean {
  try {
    return typeof value === 'string' && isObject(JSON.parse(value));
  } catch {
    return false;
  }
}

function listProviders({ query }: ManagementCall): ManagementAnswer {
  const sought = query.get('search') ?? '';
  const found = [...account.providers.values()].filter(({ id, name, slug }) =>
    [id, name, slug].some((text) => textOf(text)?.includes(sought) === true),
  );
  return page(found, query);
}

function createProvider({ body }: ManagementCall): ManagementAnswer {
  if (!isObject(body)) return invalid('body');
  const wrong = wrongField(body, checks, ['name', 'slug', 'base_url']);
  if (wrong !== undefined) return invalid(wrong);
  const isTaken = [...account.providers.values()].some(({ slug }) => slug === body['slug']);
  // Neither the status nor the code is documented (uncertain).
  if (isTaken) return apiError(409, 7005, 'A custom provider with this slug exists already');
  const made = { beta: false, enable: true, ...body, id: nextId(), ...stamps() };
  account.providers.set(made.id, made);
  return result(made);
}

function showProvider({ named }: ManagementCall): ManagementAnswer {
  const found = account.providers.get(named['provider'] ?? '');
  return found === undefined ? notFound() : result(found);
}

function deleteProvider({ named }: ManagementCall): ManagementAnswer {
  const id = named['provider'] ?? '';
  const found = account.providers.get(id);
  if (found === undefined) return notFound();
  account.providers.delete(id);
  return result(found);
}
