import OpenAI from 'openai';
import type { Router, RouterCallError } from '../../../src/edge/binding.ts';

interface Env {
  readonly ROUTER: Router;
}

/** A route of the router's policy. */
const model = 'chat';

// Answers the question in the request's body, on each path in another way.
// oxlint-disable-next-line import/no-default-export -- what Cloudflare loads
export default {
  fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    // A Worker ends with its client. A moment more lets the abort cross to the router, which then stops the model.
    request.signal.addEventListener('abort', () => context.waitUntil(scheduler.wait(100)));
    return ask(request, env).catch(sayFailure);
  },
};

async function ask(request: Request, env: Env): Promise<Response> {
  const { signal } = request;
  const prompt = await request.text();
  const messages = [{ role: 'user' as const, content: prompt }];
  switch (new URL(request.url).pathname) {
    case '/rpc': {
      const reply = await env.ROUTER.chat({ model, messages }, { signal });
      return new Response(reply.choices[0]?.message.content);
    }
    case '/stream': {
      // Goes on to the browser as it is.
      const stream = await env.ROUTER.chat({ model, messages, stream: true }, { signal });
      return new Response(stream, { headers: { 'content-type': 'text/event-stream' } });
    }
    case '/run': {
      // Code that was written for `env.AI` needs another binding and nothing else.
      const { response } = await env.ROUTER.run(model, { prompt }, { signal });
      return new Response(response);
    }
    default: {
      // Any SDK works over the binding. It wants some key, at which nobody looks.
      const fetch: typeof globalThis.fetch = (input, init) => env.ROUTER.fetch(input, init);
      const client = new OpenAI({ baseURL: 'https://router/v1', apiKey: 'unused', fetch, maxRetries: 0 });
      const stream = await client.chat.completions.create({ model, messages, stream: true }, { signal });
      let text = '';
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
      return new Response(text);
    }
  }
}

/** A failed call is an error that says what an HTTP client would have been told. */
function sayFailure(error: unknown): Response {
  const { message, status = 500, retryAfterSeconds } = error as Partial<RouterCallError>;
  const response = new Response(message, { status });
  if (retryAfterSeconds !== undefined) response.headers.set('retry-after', String(retryAfterSeconds));
  return response;
}
