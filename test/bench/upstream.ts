import { createServer, type Server, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** Events of one streamed answer, and the pause between two of them: one write each, as models send them. */
export const eventsPerStream = 500;
const pauseMs = 1;

const head = { id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_790_000_000, model: 'gpt-5.1' };
const usage = { prompt_tokens: 300, completion_tokens: 500, total_tokens: 800 };

const answer = JSON.stringify({
  ...head,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'word '.repeat(80) }, finish_reason: 'stop' }],
  usage,
});

function chunk(choices: readonly object[], rest: object = {}): string {
  return `data: ${JSON.stringify({ ...head, choices, ...rest })}\n\n`;
}

/** A model's side that answers every request in chat format, streamed where the body asks for it. */
export function startUpstream(): Promise<Server> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const isStream = Buffer.concat(parts).includes('"stream":true');
      response.setHeader('content-type', isStream ? 'text/event-stream' : 'application/json');
      if (isStream) void sendStream(response);
      else response.end(answer);
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function sendStream(response: ServerResponse): Promise<void> {
  response.write(chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]));
  for (let sent = 0; sent < eventsPerStream && !response.destroyed; sent += 1) {
    response.write(chunk([{ index: 0, delta: { content: `word ${sent} ` }, finish_reason: null }]));
    await wait(pauseMs);
  }
  response.write(chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]));
  response.write(chunk([], { usage }));
  response.end('data: [DONE]\n\n');
}
