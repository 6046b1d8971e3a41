import * as z from 'zod/mini';
import { field } from '../../core/json.ts';
import { ask, findStranger, saidIn, type Answer } from './answer.ts';
import { broken, fine, type Check, type Checked } from './check.ts';
import type { Facts } from './facts.ts';
import { nextForWords } from './meaning.ts';
import { routeChecks } from './routes.ts';

const giveRouter =
  'Give the address that npx wrangler deploy printed: router doctor --url https://<worker>.<subdomain>.workers.dev';

/** What can be seen of a deployed router from outside. */
export const outsideChecks: readonly Check[] = [
  {
    name: 'router',
    needs: [],
    tries: 'GET /healthz: is there a router at this address',
    next: giveRouter,
    run: checkRouter,
  },
  {
    name: 'router key',
    needs: ['router'],
    tries: 'GET /v1/models with the key',
    next: giveRouter,
    run: checkKey,
  },
  ...routeChecks,
];

async function checkRouter(facts: Facts): Promise<Checked> {
  const answer = await ask(`${facts.url}/healthz`, {}, facts);
  const wrong = notAnswered(answer, facts);
  if (wrong !== undefined) return wrong;
  if (answer.kind === 'answer' && answer.status === 200 && field(answer.body, 'status') === 'ok')
    return fine(`status 200: a router answers at ${facts.url}`);
  const status = answer.kind === 'answer' ? answer.status : 0;
  return broken(`status ${status}: an API answers at ${facts.url}, and it is not this router`, giveRouter);
}

/** Why an answer is none of a router's; `undefined` where it may be one. */
function notAnswered(answer: Answer, { url }: Facts): Checked | undefined {
  if (answer.kind === 'nothing') return broken(`${answer.why}: ${url}`, giveRouter);
  const stranger = findStranger(answer);
  return stranger === undefined ? undefined : broken(stranger.says, stranger.next);
}

const ModelList = z.object({ data: z.array(z.object({ id: z.string() })) });

async function checkKey(facts: Facts): Promise<Checked> {
  if (facts.key === '')
    return broken(
      'there is no key to try',
      'Set the variable ROUTER_KEY, or name a file that holds one with --key-file.',
    );
  const headers = { authorization: `Bearer ${facts.key}` };
  const answer = await ask(`${facts.url}/v1/models`, { headers }, facts);
  const wrong = notAnswered(answer, facts);
  if (wrong !== undefined || answer.kind === 'nothing') return wrong ?? broken('no answer', giveRouter);
  const { data } = z.safeParse(ModelList, answer.body);
  if (answer.status === 200 && data !== undefined) {
    const models = data.data.map(({ id }) => id);
    return fine(`status 200: the key is let in and may use ${models.length} models`, { models });
  }
  const said = saidIn(answer) ?? 'words that are not a router’s';
  return broken(`status ${answer.status}: ${said}`, nextForWords(said, facts.where));
}
