import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { catchConsole, type CaughtConsole } from './canaries.ts';
import { settled } from './router.ts';
import { askTurn, crossings, firstTypes, lastTypes, receive, targets, type TargetName } from './turn.ts';

let console: CaughtConsole;

beforeEach(async () => {
  console = catchConsole();
  await clearRequests();
});
afterEach(async () => {
  await settled();
  vi.restoreAllMocks();
});

/** A second target for each: another provider. */
const others: Record<TargetName, TargetName> = { gpt: 'claude', claude: 'gpt', glm: 'claude' };

/** Everything that can go wrong before the first content of an answer (threats.md F1 to F18), with what is noted of it. */
const faults: [prompt: string, outcome: string][] = [
  ['!fail 500', 'provider-error'],
  ['!fail 503', 'capacity'],
  ['!fail 429 2003', 'gateway-rate'],
  ['!fail 401', 'provider-key'],
  ['!fail 404', 'model-missing'],
  ['!html', 'garbage'],
  ['!html 502', 'provider-error'],
  ['!empty', expect.stringMatching(/^(garbage|cut)$/) as string],
  ['!error-200', 'provider-error'],
  ['!redirect', 'redirect'],
];

const streamFaults: [prompt: string, outcome: string][] = [
  ['!cut 0', 'cut'],
  ['!drop 0', 'cut'],
  ['!garbage 0', 'garbage'],
];

const wholeFaults: [prompt: string, outcome: string][] = [
  ['!cut', 'garbage'],
  ['!drop', 'garbage'],
  ['!garbage', 'garbage'],
];

interface Line {
  readonly outcome: string;
  readonly target: string;
  readonly attempts: readonly { readonly target: string; readonly outcome: string }[];
}

/** What the record says of the tries; an outcome that differs by provider is given as it is. */
function triesIn(lines: unknown[]): string[][] {
  return (lines as Line[]).map(({ attempts }) => attempts.map(({ outcome }) => outcome));
}

function only(target: TargetName, prompt: string): string {
  return `!say one two three\n!only ${targets[target].model.split('/').at(-1) ?? ''} ${prompt}`;
}

// These come first: the router remembers what failed, and the long tables below make one target fail a hundred times.
describe('no connection (F1)', () => {
  it('is a 502 that may be tried again', async () => {
    const fetching = vi
      .spyOn(globalThis, 'fetch')
      .mockRejectedValue(new TypeError('Network connection lost to 10.0.0.1'));
    const response = await askTurn({ dialect: 'chat', targets: ['gpt', 'claude'], prompt: 'hi', stream: true });
    expect([response.status, response.headers.get('retry-after')]).toEqual([502, '2']);
    expect(await response.text()).not.toContain('10.0.0.1');
    expect(fetching).toHaveBeenCalledTimes(2);
  });

  it('gives way to the binding', async () => {
    vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('Network connection lost'));
    const response = await askTurn({ dialect: 'messages', targets: ['claude', 'glm'], prompt: 'hi', stream: false });
    expect([response.status, response.headers.get('x-router-target')]).toEqual([200, targets.glm.model]);
  });

  it.each([
    ['3040: Capacity temporarily exceeded', 529],
    ['5007: No such model', 404],
    ['10000: Authentication error', 502],
    ['anything else', 502],
  ])('is what the binding throws: %s', async (message, status) => {
    const run = async (): Promise<never> => {
      throw new Error(message);
    };
    const response = await askTurn({
      dialect: 'chat',
      targets: ['glm'],
      prompt: 'hi',
      stream: false,
      visit: { env: { AI: { run } } },
    });
    expect(response.status).toBe(status);
  });
});

describe('a redirect (T77, F20)', () => {
  it('is followed by nobody', async () => {
    const fetching = vi.spyOn(globalThis, 'fetch');
    const response = await askTurn({ dialect: 'chat', targets: ['gpt'], prompt: '!redirect', stream: false });
    expect([response.status, response.headers.get('x-should-retry')]).toEqual([502, 'false']);
    expect(fetching.mock.calls.map(([, init]) => init?.redirect)).toEqual(['manual']);
  });
});

describe('how many tries a request may cost (T104, T105, F36)', () => {
  it('is six targets at most, one after the other', async () => {
    let open = 0;
    let most = 0;
    const fetching = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => {
      open += 1;
      most = Math.max(most, open);
      await scheduler.wait(0);
      open -= 1;
      return new Response('{}', { status: 500 });
    });
    const rows = Array.from({ length: 6 }, (_, index) => ({ model: `openai/gpt-6.${index}`, credentials: 'stored' }));
    const response = await askTurn({ dialect: 'chat', targets: rows, prompt: 'hi', stream: false });
    expect([response.status, most, fetching.mock.calls.length]).toEqual([502, 1, 6]);
  });

  it('is not more by a policy that names a seventh', async () => {
    const rows = Array.from({ length: 7 }, () => 'gpt' as const);
    expect((await askTurn({ dialect: 'chat', targets: rows, prompt: 'hi', stream: false })).status).toBe(503);
    expect(await recordedRequests()).toEqual([]);
  });
});

describe('a target that fails before its first content', () => {
  it.each(
    [...faults, ...streamFaults, ['!fail-stream 0', expect.any(String) as string] as const].flatMap(
      ([prompt, outcome]) => crossings.map(([dialect, target]) => [prompt, dialect, target, outcome] as const),
    ),
  )('gives way to the next in a stream: %s, %s on %s', async (prompt, dialect, target, outcome) => {
    const second = others[target];
    const response = await askTurn({ dialect, targets: [target, second], prompt: only(target, prompt), stream: true });
    const { types, broken } = await receive(response);
    expect(response.headers.get('x-router-attempts')).toBe('2');
    expect(response.headers.get('x-router-target')).toBe(targets[second].model);
    expect(types[0]).toBe(firstTypes[dialect]);
    expect(types.filter((type) => type === firstTypes[dialect] && dialect !== 'chat')).toHaveLength(
      dialect === 'chat' ? 0 : 1,
    );
    expect(types.filter((type) => type === lastTypes[dialect].good)).toHaveLength(1);
    expect(types.at(-1)).toBe(lastTypes[dialect].good);
    expect(types).not.toContain(lastTypes[dialect].bad);
    expect(broken).toBe(false);
    await settled();
    expect(triesIn(console.lines())).toEqual([[expectedOf(outcome, target, prompt), 'answered']]);
    expect(await recordedRequests()).toHaveLength(2);
  });

  it.each(
    [...faults, ...wholeFaults].flatMap(([prompt, outcome]) =>
      crossings.map(([dialect, target]) => [prompt, dialect, target, outcome] as const),
    ),
  )('gives way to the next in a whole answer: %s, %s on %s', async (prompt, dialect, target, outcome) => {
    const second = others[target];
    const response = await askTurn({ dialect, targets: [target, second], prompt: only(target, prompt), stream: false });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('one two three');
    expect(response.headers.get('x-router-target')).toBe(targets[second].model);
    await settled();
    expect(triesIn(console.lines())).toEqual([[expectedOf(outcome, target, prompt), 'answered']]);
    expect(await recordedRequests()).toHaveLength(2);
  });
});

/** Where one prompt makes different providers say different things. */
const differing: Record<string, Partial<Record<TargetName, string>>> = {
  '!fail 503': { claude: 'provider-error', glm: 'provider-error' },
  '!fail 401': { glm: 'cloudflare-token' },
};

function expectedOf(outcome: string, target: TargetName, prompt: string): string {
  return differing[prompt]?.[target] ?? outcome;
}

describe('a target that fails for the caller’s own fault', () => {
  it.each(['!fail 400', '!fail 413', '!fail 422', '!fail 424 2016', '!fail 400 context_length_exceeded'])(
    'ends the search: %s',
    async (prompt) => {
      const response = await askTurn({
        dialect: 'chat',
        targets: ['gpt', 'claude'],
        prompt: only('gpt', prompt),
        stream: true,
      });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
      expect(await recordedRequests()).toHaveLength(1);
    },
  );
});

describe('one target alone', () => {
  it.each(
    [...faults.slice(5), ...streamFaults].flatMap(([prompt]) =>
      crossings.map(([dialect, target]) => [prompt, dialect, target] as const),
    ),
  )(
    'that fails before its first content is an HTTP error, also of a stream: %s, %s on %s',
    async (prompt, dialect, target) => {
      const response = await askTurn({ dialect, targets: [target], prompt, stream: true });
      expect(response.status).toBe(502);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(await response.text()).not.toMatch(/<html|elsewhere\.example|garbage": tru/);
      expect(await recordedRequests()).toHaveLength(1);
    },
  );
});
