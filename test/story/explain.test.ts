import { describe, expect, it } from 'vitest';
import { sayExplanation } from '../../src/explain-text.ts';
import { explainCall } from '../../src/explain.ts';
import { callOf } from '../support/call.ts';
import { fakePorts, type FakeWorld } from '../support/ports.ts';

const policies = {
  'route:r': {
    targets: [
      { model: 'openai/gpt', credentials: 'secret', secret: 'OPENAI_API_KEY' },
      { model: 'anthropic/claude-sonnet-4-5', credentials: 'caller' },
      { model: '@cf/meta/llama-3.1-8b-instruct', credentials: 'binding', when: [{ field: 'stream', is: true }] },
    ],
  },
};

async function explain(world: FakeWorld = {}, options: Partial<Parameters<typeof callOf>[1]> = {}) {
  const ports = fakePorts({ policies, ...world });
  const explanation = await explainCall(callOf('chat', { model: 'r', ...options }), ports);
  return { explanation, ports, targets: explanation.targets };
}

describe('explainCall', () => {
  it('sends nothing', async () => {
    const { ports } = await explain();
    expect(ports.sent).toEqual([]);
    expect(ports.settlements).toEqual([]);
  });

  it('tells the route, why it was found, and every target in order with its reason', async () => {
    const { explanation } = await explain();
    expect(explanation).toMatchObject({
      model: 'r',
      endpoint: 'chat',
      caller: 'router',
      route: 'r',
      found: 'the route "r" in KV has this name',
      strategy: 'ordered',
      session: false,
      targets: [
        { target: 'openai/gpt', turn: 1, reason: 'first in order' },
        { target: 'anthropic/claude-sonnet-4-5', turn: 2, reason: 'fallback 1' },
        {
          target: '@cf/meta/llama-3.1-8b-instruct',
          turn: null,
          reason: 'skipped: condition not met: stream is true',
        },
      ],
    });
  });

  it('shows the exact upstream request with secrets as names', async () => {
    const { targets } = await explain();
    expect(targets[0]?.request).toEqual({
      method: 'POST',
      url: 'https://gateway.ai.cloudflare.com/v1/0123456789abcdef0123456789abcdef/main/openai/chat/completions',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'user-agent': 'ai-edge-router',
        'cf-aig-skip-cache': 'true',
        'cf-aig-metadata': '{"caller":"router","route":"r","request":"req_1"}',
        'cf-aig-max-attempts': '1',
        'cf-aig-authorization': 'Bearer $CF_AIG_TOKEN',
        authorization: 'Bearer $OPENAI_API_KEY',
      },
      body: { model: 'gpt', messages: [{ role: 'user', content: 'hi' }] },
    });
  });

  it("names the caller's own key without showing it", async () => {
    const { explanation } = await explain({}, { callerKey: 'sk-of-the-caller' });
    expect(JSON.stringify(explanation)).not.toContain('sk-of-the-caller');
    expect(explanation.targets[1]?.request).toMatchObject({ headers: { 'x-api-key': '$YOUR_PROVIDER_KEY' } });
  });

  it('tells what would fail before anything is sent', async () => {
    const { targets } = await explain({ secrets: ['CF_AIG_TOKEN'] });
    expect(targets[0]?.problem).toContain('OPENAI_API_KEY is not set');
    expect(targets[1]?.problem).toContain('uses your own provider key and none came');
  });

  it('tells the losses of a translation', async () => {
    const body = { messages: [{ role: 'user', content: 'hi' }], logprobs: true, user: 'u' };
    const { targets } = await explain({}, { body });
    expect(targets[1]).toMatchObject({
      crossing: 'translation from OpenAI Chat Completions to Anthropic Messages',
      losses: expect.arrayContaining(['logprobs']),
      problem: expect.stringContaining('Cannot carry logprobs'),
    });
  });

  it('tells the options of the caller that are not honoured', async () => {
    const { targets } = await explain({}, { headers: { 'cf-aig-cache-ttl': '300' } });
    expect(targets[0]?.ignoredOptions).toEqual(['cf-aig-cache-ttl']);
  });
});

it('prints for people', async () => {
  const { explanation } = await explain();
  const text = sayExplanation(explanation);
  expect(text).toContain('route     r: the route "r" in KV has this name');
  expect(text).toContain('1. openai/gpt: first in order');
  expect(text).toContain('-. @cf/meta/llama-3.1-8b-instruct: skipped: condition not met: stream is true');
  expect(text).toContain('Bearer $CF_AIG_TOKEN');
});
