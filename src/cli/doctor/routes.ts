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
  const chat = await explain(model, 'chat', facts);
  const [first] = openTargets(chat);
  if (first !== undefined && !embeds(first.target))
    return sayPlan({ ...chat, endpoint: ownEndpoint(first.crossing) }, facts.where);
  const embeddings = await explain(model, 'embeddings', facts);
  return sayPlan(openTargets(embeddings).length === 0 ? chat : embeddings, facts.where);
}

interface Told {
  readonly model: string;
  readonly endpoint: Endpoint;
  readonly answer: Answer;
  /** Absent where the router would not explain. */
  readonly explanation?: Explanation;
}

async function explain(model: string, endpoint: Endpoint, facts: Facts): Promise<Told> {
  const answer = await post(`/explain${endpoints[endpoint].path}`, probeBody(endpoint, model), facts);
  const body = answer.kind === 'answer' && answer.status === 200 ? answer.body : undefined;
  const { data } = z.safeParse(Explanation, body);
  return { model, endpoint, answer, ...(data !== undefined && { explanation: data }) };
}

/** The targets that would be tried and could answer. */
function openTargets({ explanation }: Told): Explanation['targets'] {
  return (explanation?.targets ?? []).filter(({ turn, problem }) => turn !== null && problem === undefined);
}

function sayPlan(told: Told, where: string): Planned {
  const { model, endpoint, answer, explanation } = told;
  if (explanation === undefined) return { seen: refused(answer, where) };
  const open = openTargets(told);
  const [first] = open;
  // Whoever brings a key of his own can use those; doctor has none.
  const own = explanation.targets.filter(({ credentials }) => credentials !== 'caller');
  if (first === undefined && own.length === 0)
    return { seen: { result: 'skipped', got: "takes the caller's own provider key, and doctor has none" } };
  const closed = own.filter((target) => !open.includes(target));
  const problems = closed.map(({ target, problem, reason }) => `${target}: ${problem ?? reason}`).join('; ');
  const worst = closed.flatMap(({ problem }) => problem ?? [])[0];
  const next = nextForWords(worst ?? '', where);
  if (first === undefined) return { seen: { result: 'broken', got: `no target can answer; ${problems}`, next } };
  const explained = { model, endpoint, target: first.target, mostUsd: dearest(open) };
  const order = open.map(({ target }) => target).join(', then ');
  const got = `${endpoints[endpoint].path} goes to ${order}`;
  if (worst === undefined) return { seen: { result: 'ok', got }, explained };
  return { seen: { result: 'warning', got: `${got}; but ${problems}`, next }, explained };
}

/** The most that a call can cost, whichever of the targets answers; `undefined` where one's price is not known. */
function dearest(open: Explanation['targets']): number | undefined {
  const costs = open.flatMap(({ mostUsd }) => (mostUsd === null ? [] : [Number(mostUsd)]));
  return costs.length < open.length ? undefined : Math.max(...costs);
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
