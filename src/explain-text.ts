import type { LimitState } from './core/limits.ts';
import type { ExplainedTarget, Explanation } from './explain.ts';

/** The explanation for people: one block a target. */
export function sayExplanation(explanation: Explanation): string {
  const head = [
    `${explanation.model} on ${explanation.endpoint}, asked by ${explanation.caller}`,
    `route     ${explanation.route}: ${explanation.found}`,
    `strategy  ${explanation.strategy}${explanation.session ? ', stable for this session' : ''}`,
    `prompt    about ${explanation.estimatedInputTokens} tokens`,
    ...(explanation.limits ?? []).map((state) => `limit     ${sayLimit(state)}`),
  ];
  return `${[...head, ...explanation.targets.flatMap(sayTarget)].join('\n')}\n`;
}

function sayTarget(target: ExplainedTarget): string[] {
  const rows: [string, string | undefined][] = [
    ['carrier', `${target.carrier}, credentials ${target.credentials}`],
    ['crossing', target.crossing],
    [
      'clocks',
      Object.entries(target.clocks)
        .map(([name, ms]) => `${name} ${ms}`)
        .join(', '),
    ],
    ['cost', target.mostUsd === null ? 'price not known' : `at most ${target.mostUsd} US dollars`],
    ['losses', target.losses.length === 0 ? 'none' : target.losses.join(', ')],
    ['ignored', target.ignoredOptions.length === 0 ? undefined : target.ignoredOptions.join(', ')],
    ['problem', target.problem],
    [
      'request',
      target.request === undefined
        ? undefined
        : JSON.stringify(target.request, null, 2).replaceAll('\n', '\n            '),
    ],
  ];
  const lines = rows.flatMap(([name, text]) => (text === undefined ? [] : [`  ${name.padEnd(9)} ${text}`]));
  return ['', `${target.turn === null ? '-' : target.turn}. ${target.target}: ${target.reason}`, ...lines];
}

function sayLimit({ limit, route, most, left, resetSeconds }: LimitState): string {
  const unit = limit.startsWith('usd') ? 1e9 : 1;
  const scope = route === undefined ? '' : ` on ${route}`;
  return `${limit}${scope}: ${left / unit} left of ${most / unit}, renewed in ${Math.ceil(resetSeconds)} s`;
}
