import { field, textOf } from '../../core/json.ts';
import { account, nextId } from '../account.ts';
import { apiError } from '../errors.ts';
import { invalid, page, result, type ManagementAnswer, type ManagementCall, type ManagementRow } from './row.ts';

const namespaces = '/accounts/:account/storage/kv/namespaces';

/** What a deployment asks of the account: KV namespaces, the workers.dev subdomain, whether a token is one. */
export const workersRows: readonly ManagementRow[] = [
  { method: 'GET', path: namespaces, needs: ['Workers KV Storage Read'], answer: listNamespaces },
  { method: 'POST', path: namespaces, needs: ['Workers KV Storage Edit'], answer: createNamespace },
  {
    method: 'GET',
    path: '/accounts/:account/workers/subdomain',
    needs: ['Workers Scripts Read'],
    answer: () => result({ subdomain: 'acme' }),
  },
  { method: 'GET', path: '/user/tokens/verify', needs: [], answer: () => result(active) },
  { method: 'GET', path: '/accounts/:account/tokens/verify', needs: [], answer: () => result(active) },
];

const active = { id: 'token', status: 'active' };

function listNamespaces({ query }: ManagementCall): ManagementAnswer {
  return page([...account.namespaces.values()], query);
}

function createNamespace({ body }: ManagementCall): ManagementAnswer {
  const title = textOf(field(body, 'title'));
  if (title === undefined || title === '') return invalid('title');
  const isTaken = [...account.namespaces.values()].some((row) => row['title'] === title);
  if (isTaken) return apiError(400, 10_014, 'a namespace with this account ID and title already exists');
  // An id of KV is 32 hexadecimal digits.
  const id = nextId().replaceAll('-', '');
  const row = { id, title, supports_url_encoding: true };
  account.namespaces.set(id, row);
  return result(row);
}
