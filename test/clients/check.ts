import type { RecordedRequest } from '../../src/local/records.ts';
import { gatewayToken } from '../../src/local/keys.ts';
import type { Scenario } from './scenarios.ts';
import type { Said, Task } from './task.ts';

/** What a scenario came to, for {@link findFaults}. */
export interface Observed {
  readonly scenario: Scenario;
  readonly task: Task;
  readonly said: Said;
  readonly upstream: readonly RecordedRequest[];
  /** The most requests that may have reached the stand-in. */
  readonly most: number;
  /** The client runs the tool of the scenario itself and does not tell for which city. */
  readonly hidesTools: boolean;
  /** What it shows in place of the scenario's text. */
  readonly text?: string;
  /** The client shows what the model thought. */
  readonly showsThinking: boolean;
}

/** Everything that is not as it must be, each in one line; empty where the scenario passed. */
export function findFaults(observed: Observed): readonly string[] {
  return [...faultsIn(observed), ...faultsUpstream(observed)];
}

function faultsIn({ scenario: { expects }, said, hidesTools, showsThinking, text }: Observed): string[] {
  switch (expects.kind) {
    case 'error':
      if (said.error === undefined) return [`no failure was shown, but ${JSON.stringify(said).slice(0, 300)}`];
      return expects.matches.test(said.error) ? [] : [`the failure does not say it: ${said.error.slice(0, 300)}`];
    case 'vectors':
      if (said.error !== undefined) return [`failed: ${said.error.slice(0, 600)}`];
      return same(said.vectors, expects.lengths) ? [] : [`vectors of ${JSON.stringify(said.vectors)}`];
    case 'text': {
      if (said.error !== undefined) return [`failed: ${said.error.slice(0, 600)}`];
      const cities = expects.cities ?? [];
      const thinks = expects.thinks === true && showsThinking;
      return [
        ...(thinks && (said.thinking ?? '') === '' ? ['it shows no thinking'] : []),
        ...(said.text?.includes(text ?? expects.text) === true ? [] : [`it shows ${JSON.stringify(said.text)}`]),
        ...(hidesTools || same(said.cities ?? [], cities) ? [] : [`tools ran for ${JSON.stringify(said.cities)}`]),
      ];
    }
  }
}

function faultsUpstream({ scenario, task, upstream, most }: Observed): string[] {
  const written = upstream.map(textOf).join('\n');
  const missing = (scenario.upstream ?? []).filter((text) => !written.includes(text));
  return [
    ...(upstream.length > most ? [`${upstream.length} requests reached the upstream, at most ${most} may`] : []),
    ...(most > 0 && upstream.length === 0 ? ['nothing reached the upstream'] : []),
    ...missing.map((text) => `upstream never saw ${text.slice(0, 60)}`),
    ...(written.includes(task.key) ? ["the caller's key went upstream"] : []),
    ...upstream.flatMap((request) => faultsOf(request, task.model)),
  ];
}

/** All that a request says, as it was sent. */
function textOf({ url, headers, body, inputs, options }: RecordedRequest): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  return [url, ...lines, body, JSON.stringify(inputs), JSON.stringify(options)].join('\n');
}

/** Where a model of a scenario must arrive, and under which name. */
const places: readonly { readonly asked: RegExp; readonly url: RegExp; readonly model: string }[] = [
  { asked: /^dynamic\//, url: /\/compat\/chat\/completions$/, model: 'dynamic/support' },
  { asked: /kimi/, url: /^$/, model: '@cf/moonshotai/kimi-k2.6' },
  { asked: /bge/, url: /^$/, model: '@cf/baai/bge-m3' },
  { asked: /claude/, url: /\/anthropic\/v1\/messages(\/count_tokens)?$/, model: 'claude-sonnet-4-5' },
  { asked: /gpt|impatient/, url: /\/openai\/(chat\/completions|responses)$/, model: 'gpt-5.1' },
];

/** The headers that could carry a credential to anybody. */
const credentialHeaders = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'cf-aig-authorization'];

function faultsOf({ url, model, headers, surface, seq }: RecordedRequest, asked: string): string[] {
  const place = places.find((row) => row.asked.test(asked));
  if (place === undefined) return [`nobody knows where ${asked} must arrive`];
  const held = headers.filter(([name]) => credentialHeaders.includes(name)).map(([name, value]) => `${name}: ${value}`);
  // The binding needs no token; everything else here is paid by a key stored in the gateway.
  const due = surface === 'binding' ? [] : [`cf-aig-authorization: Bearer ${gatewayToken}`];
  return [
    ...(place.url.test(url) ? [] : [`request ${seq} went to ${url}`]),
    ...(model === place.model ? [] : [`request ${seq} asked for ${String(model)}`]),
    ...(same(held, due) ? [] : [`request ${seq} carried ${JSON.stringify(held)}`]),
  ];
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
