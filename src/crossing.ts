import { mustMeter } from './metering.ts';
import type { Call } from './core/call.ts';
import type { ConversationDialect, Dialect } from './core/dialect.ts';
import { isObject } from './core/json.ts';
import { chain } from './core/machine.ts';
import { findProvider } from './core/providers.ts';
import type { Target } from './core/target.ts';
import * as chat from './dialects/chat/index.ts';
import { clientHalves, replyContextOf, targetHalves, type Crossing } from './passage.ts';
import type { Ports } from './ports.ts';
import type { WrittenCall } from './request.ts';
import { repairReply } from './upstream/workersai/reply.ts';
import { repairStream } from './upstream/workersai/stream.ts';

/** Everything that the way back needs: the two halves, the contexts, and the repair of a target that needs one. */
export function crossingOf(call: Call, options: { target: Target; written: WrittenCall; ports: Ports }): Crossing {
  const { target, written, ports } = options;
  const reply = replyContextOf(call, {
    createdSeconds: Math.floor(ports.timer.now() / 1000),
    includeUsage: call.includeUsage,
    ...(mustMeter(call) && { hidesUsage: true }),
    ...(written.conversation !== undefined && { conversation: written.conversation }),
  });
  const read = {
    mintId: () => mintCallId(ports),
    ...(written.jsonTool !== undefined && { jsonTool: written.jsonTool }),
  };
  const crossing = {
    client: clientHalves[conversationOf(call.dialect)],
    target: targetHalves[conversationOf(target.dialect)],
    name: target.name,
    reply,
    read,
  };
  if (findProvider(target.provider)?.repairs !== true) return crossing;
  const { notes } = written;
  const context = {
    ...reply,
    ...read,
    ...(notes?.forcedTools !== undefined && { forcedTools: notes.forcedTools }),
    ...(notes?.maxOutputTokens !== undefined && { maxOutputTokens: notes.maxOutputTokens }),
    ...(notes !== undefined && { takenIds: notes.toolCallIds }),
  };
  return {
    ...crossing,
    // First Workers AI's own shapes become chat, then what the chat lacks is filled in.
    repair: {
      stream: () => chain(repairStream(context), chat.repairStream(context)),
      reply: (body) => {
        const completion = repairReply(body, context);
        return isObject(completion) ? chat.repairReply(completion, context) : undefined;
      },
    },
  };
}

/** Tool call ids that every dialect and every client's own sanitising leaves as they are (clients.md 4(iv).13). */
function mintCallId(ports: Ports): string {
  return `call${ports.newId().slice(0, 24)}`;
}

/** The dialects are conversations here: embeddings go their own way before. */
function conversationOf(dialect: Dialect): ConversationDialect {
  return dialect === 'embeddings' ? 'chat' : dialect;
}
