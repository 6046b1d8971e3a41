import { field, parseJson, textOf } from '../../src/core/json.ts';
import type { ConversationDialect } from '../../src/core/dialect.ts';
import type { Client } from './clients.ts';
import { npmPackages } from './packages.ts';
import type { Done, Invocation } from './process.ts';
import { scenarios } from './scenarios.ts';
import type { Said, Task } from './task.ts';

const noPart = {
  text: 'it always streams',
  schema: 'it has no such option',
  image: 'not driven here: it takes files of pictures',
  embeddings: 'it has none',
};

/** Failures after which agents wait for most of a minute: one row of each agent shows them. */
const slow = Object.fromEntries(
  ['stall', 'stream-error', 'rate-limit'].map((name) => [
    name,
    'shown by the first of its rows: its waits take a minute',
  ]),
);

/** Every model that a scenario asks for: agents must know their models beforehand. */
const models = [
  ...new Set(scenarios.flatMap(({ model }) => (typeof model === 'string' ? [model] : Object.values(model ?? {})))),
  'anthropic/claude-sonnet-4-5',
  'openai/gpt-5.1',
];

/** What a failed program shows its user. */
function failureOf({ out, err, code }: Done): string {
  return `${String(code)} ${out.slice(-3000)} ${err.slice(-1500)}`;
}

/** One JSON value a line, as agents report their events. */
function eventsIn(out: string): unknown[] {
  return out.split('\n').flatMap((line) => (line.startsWith('{') ? [parseJson(line)] : []));
}

/** opencode, by one of its provider packages. */
function opencode(
  name: string,
  row: { provider: string; npm?: string; dialect: ConversationDialect; more?: Partial<Client> },
): Client {
  const { provider, npm, dialect, more } = row;
  const config = ({ origin, key, model, headers }: Task): object => ({
    model: `${provider}/${model}`,
    small_model: `${provider}/${model}`,
    share: 'disabled',
    autoupdate: false,
    provider: {
      [provider]: {
        ...(npm !== undefined && { npm, name: 'Router' }),
        options: { baseURL: `${origin}/v1`, apiKey: key, headers },
        models: Object.fromEntries(models.map((id) => [id, { name: id, tool_call: true }])),
      },
    },
  });
  return {
    name,
    dialect,
    packages: npmPackages.opencode,
    required: true,
    without: noPart,
    tool: (city) => `!tool bash {"command":"echo 18 degrees in ${city}","description":"weather"}`,
    // A call for the title, the turn, and five tries more where waiting might help.
    most: {
      ...turns(2),
      tools: 3,
      parallel: 3,
      'kimi-tools': 3,
      overflow: 3,
      cut: 9,
      stall: 9,
      'stream-error': 9,
      'rate-limit': 9,
    },
    ...more,
    way: {
      kind: 'program',
      invoke: (task): Invocation => ({
        command: 'opencode',
        args: ['run', '--format', 'json'],
        // By stdin: what stands in the arguments gets quotes around it, and backslashes in it.
        stdin: task.prompt,
        env: { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' },
        files: { 'opencode.json': JSON.stringify(config(task)) },
      }),
      read: (done) => {
        const events = eventsIn(done.out);
        const failed = done.code !== 0 || events.some((event) => field(event, 'type') === 'error');
        if (failed) return { error: failureOf(done) };
        const texts = events.filter((event) => field(event, 'type') === 'text');
        return { text: texts.map((event) => textOf(field(field(event, 'part'), 'text')) ?? '').join('') };
      },
    },
  };
}

/** The bound of every scenario that is one turn. */
function turns(most: number): Record<string, number> {
  const single = ['stream', 'thinking', 'dynamic', 'kimi', 'openai', 'anthropic', 'options'];
  return Object.fromEntries(single.map((name) => [name, most]));
}

/** OpenClaw, by one of the APIs that its providers speak. */
function openclaw(name: string, row: { api: string; dialect: ConversationDialect; more?: Partial<Client> }): Client {
  const { api, dialect, more } = row;
  const cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  const config = ({ origin, key, model, headers }: Task): object => ({
    agents: { defaults: { model: { primary: `router/${model}` }, models: { [`router/${model}`]: {} } } },
    models: {
      mode: 'merge',
      providers: {
        router: {
          baseUrl: dialect === 'messages' ? origin : `${origin}/v1`,
          api,
          apiKey: key,
          headers,
          models: [
            {
              id: model,
              name: model,
              contextWindow: 128_000,
              maxTokens: 8192,
              input: ['text'],
              reasoning: false,
              cost,
            },
          ],
        },
      },
    },
  });
  return {
    name,
    dialect,
    packages: npmPackages.openclaw,
    required: true,
    without: noPart,
    tool: (city) => `!tool exec {"command":"echo 18 degrees in ${city}"}`,
    // Nine tries more of its own where waiting might help.
    most: { cut: 10, stall: 10, 'stream-error': 10, 'rate-limit': 10 },
    ...more,
    way: {
      kind: 'program',
      invoke: (task, home): Invocation => ({
        command: 'openclaw',
        args: [
          'agent',
          'exec',
          '--config',
          `${home}/config.json`,
          '--model',
          `router/${task.model}`,
          '--cwd',
          home,
          '--no-auth-env-only',
          '--json',
          '--timeout',
          '80',
          task.prompt,
        ],
        env: {},
        files: { 'config.json': JSON.stringify(config(task)) },
      }),
      read: (done) => {
        const report = parseJson(done.out.slice(done.out.indexOf('{')));
        if (done.code !== 0 || field(report, 'ok') !== true) return { error: failureOf(done) };
        return { text: textOf(field(report, 'final')) ?? '' };
      },
    },
  };
}

/** Codex: it reports every event as a line of JSON. */
function codex(name: string, row: { config: (task: Task) => string; more?: Partial<Client> }): Client {
  return {
    name,
    dialect: 'responses',
    packages: npmPackages.codex,
    required: true,
    without: noPart,
    tool: (city) => `!tool exec_command {"cmd":"echo 18 degrees in ${city}"}`,
    // It tries five times more after a stream that failed, and after a 429.
    most: { cut: 6, stall: 6, 'stream-error': 6, 'rate-limit': 6 },
    ...row.more,
    way: {
      kind: 'program',
      invoke: (task): Invocation => ({
        command: 'codex',
        args: ['exec', '--skip-git-repo-check', '--json', task.prompt],
        env: { ROUTER_KEY: task.key, CODEX_API_KEY: task.key },
        files: { '.codex/config.toml': row.config(task) },
      }),
      read: readCodex,
    },
  };
}

function readCodex(done: Done): Said {
  const events = eventsIn(done.out);
  if (done.code !== 0 || events.some((event) => field(event, 'type') === 'turn.failed'))
    return { error: failureOf(done) };
  const items = events.flatMap((event) => (field(event, 'type') === 'item.completed' ? [field(event, 'item')] : []));
  const said = items.filter((item) => field(item, 'type') === 'agent_message');
  return { text: said.map((item) => textOf(field(item, 'text')) ?? '').join('\n') };
}

const codexCommon = ({ model }: Task): string => `model = "${model}"
approval_policy = "never"
sandbox_mode = "danger-full-access"
`;

const codexProvider = (task: Task): string => `model_provider = "router"
${codexCommon(task)}
[model_providers.router]
name = "Router"
base_url = "${task.origin}/v1"
env_key = "ROUTER_KEY"
wire_api = "responses"
http_headers = { ${Object.entries(task.headers)
  .map(([name, value]) => `${JSON.stringify(name)} = ${JSON.stringify(value)}`)
  .join(', ')} }
`;

/** Its own provider with another address: it tries a WebSocket first, which is answered 426. */
const codexBuiltIn = (task: Task): string => `openai_base_url = "${task.origin}/v1"\n${codexCommon(task)}`;

/** Claude Code, without its terminal. */
const claudeCode: Client = {
  name: 'claude-code',
  dialect: 'messages',
  packages: npmPackages.claudeCode,
  // Its terms are its maker's own: it is tested where it can be had.
  required: false,
  without: noPart,
  tool: (city) => `!tool Bash {"command":"echo 18 degrees in ${city}"}`,
  // Two tries more; a stream that failed it asks for whole.
  most: { cut: 3, stall: 3, 'stream-error': 3, 'rate-limit': 3 },
  way: {
    kind: 'program',
    invoke: (task): Invocation => ({
      command: 'claude',
      args: ['-p', '--output-format', 'json', '--allowedTools', 'Bash', '--', task.prompt],
      env: {
        ANTHROPIC_BASE_URL: task.origin,
        ANTHROPIC_AUTH_TOKEN: task.key,
        ANTHROPIC_MODEL: task.model,
        ANTHROPIC_SMALL_FAST_MODEL: task.model,
        ANTHROPIC_CUSTOM_HEADERS: Object.entries(task.headers)
          .map(([name, value]) => `${name}: ${value}`)
          .join('\n'),
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        CLAUDE_CODE_MAX_RETRIES: '2',
      },
    }),
    read: (done) => {
      const report = parseJson(done.out);
      if (done.code !== 0 || field(report, 'is_error') === true) return { error: failureOf(done) };
      return { text: textOf(field(report, 'result')) ?? '' };
    },
  },
};

/** OpenClaw adds a message of its own behind the tools' results, but for Responses: the stand-in answers that one. */
const resultsLast = {
  tools: '18 degrees in Lisbon',
  parallel: '18 degrees in Oslo',
  'kimi-tools': '18 degrees in Oslo',
};

/** Agents with a command line of their own, from npm: started once a task, in a home that is thrown away. */
export const agentClients: readonly Client[] = [
  opencode('opencode-chat', { provider: 'router', npm: '@ai-sdk/openai-compatible', dialect: 'chat' }),
  opencode('opencode-responses', {
    provider: 'openai',
    dialect: 'responses',
    more: { without: { ...noPart, ...slow } },
  }),
  opencode('opencode-messages', {
    provider: 'anthropic',
    dialect: 'messages',
    more: { without: { ...noPart, ...slow } },
  }),
  openclaw('openclaw-chat', { api: 'openai-completions', dialect: 'chat', more: { shows: resultsLast } }),
  openclaw('openclaw-responses', {
    api: 'openai-responses',
    dialect: 'responses',
    more: { without: { ...noPart, ...slow } },
  }),
  openclaw('openclaw-messages', {
    api: 'anthropic-messages',
    dialect: 'messages',
    more: { shows: resultsLast, without: { ...noPart, ...slow } },
  }),
  codex('codex', { config: codexProvider }),
  codex('codex-built-in', {
    config: codexBuiltIn,
    more: { without: { ...noPart, ...slow, options: 'its own provider takes no headers' } },
  }),
  claudeCode,
];
