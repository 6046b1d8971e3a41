import { aiDoors } from './ai-sdk.ts';
import { messagesDoors } from './anthropic-messages.ts';
import type { Door } from './door.ts';
import { chatDoors } from './openai-chat.ts';
import { responsesDoors } from './openai-responses.ts';

/** Every client, whole and streamed. */
export const doors: readonly Door[] = [...chatDoors, ...responsesDoors, ...messagesDoors, ...aiDoors];

/** Those that ask in different ways: Anthropic's older client differs in its headers alone. */
export const askingDoors = doors.filter(({ name }) => !name.startsWith('anthropic 0.x'));
