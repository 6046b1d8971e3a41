import * as z from 'zod/mini';
import { endpoints, type Endpoint } from '../../core/call.ts';
import { embeds } from '../policy/targets.ts';
import { Stop } from '../stop.ts';
import { sayCount } from '../table.ts';
import { ask, findStranger, saidIn, type Answer } from './answer.ts';
import { attempt, skipped, type Check, type Checked, type Seen } from './check.ts';
import { Explanation, ownEndpoint, probeBody, type Explained } from './explained.ts';
import type { Facts } from './facts.ts';
import { meaningOf, nextForWords } from './meaning.ts';

const tail = 'npx wrangler tail';

/** What a router says it would do with each route, then what it does. */
export const routeChecks: readonly Check[] = [
  {
    name: 'plan',
    needs: ['router', 'router key'],
    tries: 'POST /explain: what the router would do, without calling a model',
    next: tail,
    run: checkPlans,
  },
  {
    name: 'call',
    needs: ['router', 'router key'],
    tries: 'one call of at most 16 tokens',
    next: tail,
    run: checkCalls,
  },
];

/** Of the models that the router knows by name the cheapest stands for all: they go the same way. */
const cheapestModel = '@cf/zai-org/glm-4.7-flash';

/** The routes, and one model of Workers AI; or what `--models` names. */
function modelsToTry({ asked, models }: Facts): string[] {
  const named = asked.values.get('models')?.split(',');
  if (named !== undefined) return named;
  const routes = models.filter((name) => !name.startsWith('@cf/'));
  return models.includes(cheapestModel) ? [...routes, cheapestModel] : routes;
}

async function checkPlans(facts: Facts): Promise<Checked> {
  const models = modelsToTry(facts);
  if (models.length === 0)
    return skipped('the router lists no route and no model', 'router policy push, or --models <name>');
  const seen: Seen[] = [];
  const explained: Explained[] = [];
  for (const model of models) {
    const plan = await planOf(model, facts);
    seen.push({ subject: model, ...plan.seen });
    if (plan.explained !== undefined) explained.push(plan.explained);
  }
  return { seen, learned: { explained } };
}

interface Planned {
  readonly seen: Omit<Seen, 'subject'>;
  readonly explained?: Explained;
}

/** What becomes of a request for a model. One that cannot be a conversation may be embeddings. */
async function planOf(model: string, facts: Facts): Promise<Planned> {
  const asConversation = await explain(model, 'chat', facts);
  const [first] = openTargets(asConversation.explanation);
  if (first !== undefined && !embeds(first.target))
    return planned(model, ownEndpoint(first.crossing), asConversation, facts);
  const asEmbeddings = await explain(model, 'embeddings', facts);
  const [embedder] = openTargets(asEmbeddings.explanation);
  return embedder === undefined
    ? planned(model, 'chat', asConversation, facts)
    : planned(model, 'embeddings', asEmbeddings, facts);
}

interface Told {
  readonly answer: Answer;
  readonly explanation: Explanation | undefined;
}

async function explain(model: string, endpoint: Endpoint, facts: Facts): Promise<Told> {
  const answer = await post(`/explain${endpoints[endpoint].path}`, probeBody(endpoint, model), facts);
  const { data } = z.safeParse(
    Explanation,
    answer.kind === 'answer' && answer.status === 200 ? answer.body : undefined,
  );
  return { answer, explanation: data };
}

/** The targets that would be tried and could answer. */
function openTargets(explanation: Explanation | undefined): Explanation['targets'] {
  return (explanation?.targets ?? []).filter(({ turn, problem }) => turn !== null && problem === undefined);
}

function planned(model: string, endpoint: Endpoint, { answer, explanation }: Told, { where }: Facts): Planned {
  if (explanation === undefined) return { seen: refused(answer, where) };
  const open = openTargets(explanation);
  const problems = explanation.targets.flatMap(({ target, problem, turn, reason }) =>
    problem === undefined && turn !== null ? [] : [`${target}: ${problem ?? reason}`],
  );
  const [first] = open;
  const [worst = ''] = explanation.targets.flatMap(({ problem }) => problem ?? []);
  if (first === undefined && explanation.targets.some(({ credentials }) => credentials === 'caller'))
    return { seen: { result: 'skipped', got: "takes the caller's own provider key, and doctor has none" } };
  if (first === undefined)
    return {
      seen: { result: 'broken', got: `no target can answer; ${problems.join('; ')}`, next: nextForWords(worst, where) },
    };
  const mostUsd = first.mostUsd === null ? undefined : Number(first.mostUsd);
  const explained = { model, endpoint, target: first.target, mostUsd };
  const order = open.map(({ target }) => target).join(', then ');
  if (worst === '') return { seen: { result: 'ok', got: `${endpoints[endpoint].path} goes to ${order}` }, explained };
  return {
    seen: { result: 'warning', got: `${order}; but ${problems.join('; ')}`, next: nextForWords(worst, where) },
    explained,
  };
}

function refused(answer: Answer, where: string): Omit<Seen, 'subject'> {
  if (answer.kind === 'nothing') return { result: 'broken', got: answer.why, next: nextForWords('', where) };
  const stranger = findStranger(answer);
  if (stranger !== undefined) return { result: 'broken', got: stranger.says, next: stranger.next };
  const said = saidIn(answer) ?? 'words that are not a router’s';
  return { result: 'broken', got: `status ${answer.status}: ${said}`, next: nextForWords(said, where) };
}

async function checkCalls(facts: Facts): Promise<Checked> {
  const { asked, explained, desk } = facts;
  if (asked.flags.has('no-calls')) return skipped('--no-calls was given');
  if (explained.length === 0) return skipped('there is no model that could answer');
  const answer = await attempt(async () => desk.confirm(sayCost(explained)));
  if (answer instanceof Stop)
    return skipped('nobody said yes to the cost', 'router doctor --yes makes the calls, --no-calls leaves them out');
  const seen: Seen[] = [];
  for (const one of explained) seen.push({ subject: one.model, ...(await call(one, facts)) });
  return { seen };
}

function sayCost(explained: readonly Explained[]): string {
  const known = explained.flatMap(({ mostUsd }) => mostUsd ?? []);
  const unknown = explained.length - known.length;
  const sum = known.reduce((total, usd) => total + usd, 0);
  const rest = unknown === 0 ? '' : `, and ${sayCount(unknown, 'call')} whose price is not known`;
  return `Call ${explained.map(({ model }) => model).join(', ')} once each? It costs at most ${sum.toFixed(6)} US dollars${rest}.`;
}

async function call({ model, endpoint, target }: Explained, facts: Facts): Promise<Omit<Seen, 'subject'>> {
  const { path } = endpoints[endpoint];
  const answer = await post(path, probeBody(endpoint, model, target), facts);
  if (answer.kind === 'nothing' || findStranger(answer) !== undefined) return refused(answer, facts.where);
  if (answer.status !== 200) return meaningOf(answer, facts.where);
  const by = answer.headers.get('x-router-target') ?? target;
  const attempts = Number(answer.headers.get('x-router-attempts') ?? '1');
  if (attempts <= 1) return { result: 'ok', got: `status 200 from ${path}, answered by ${by}` };
  const next = 'npx wrangler tail, then doctor again: the log says why the first ones failed';
  return { result: 'warning', got: `status 200, but only attempt ${attempts} answered: ${by}`, next };
}

async function post(path: string, body: object, facts: Facts): Promise<Answer> {
  const headers = { authorization: `Bearer ${facts.key}`, 'content-type': 'application/json' };
  return ask(`${facts.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) }, facts);
}
