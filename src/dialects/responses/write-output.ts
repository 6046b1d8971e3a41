import type { ReplyContext } from '../../core/half.ts';
import type { JsonObject } from '../../core/json.ts';
import type { PartDelta, PartStart, ReplyEvent } from '../../core/reply.ts';
import { writeCall, writeMessage, writeReasoning } from './write-items.ts';
import type { Body, CallNames, ItemPlace, ItemStatus, ItemWriter, MessageWriter } from './write-items.ts';

type PartEvent = Extract<ReplyEvent, { type: 'part-start' | 'part-delta' | 'part-end' }>;

/** The item being written. Only a message takes further parts. */
interface OpenItem {
  readonly place: ItemPlace;
  readonly writer: ItemWriter;
  readonly message?: MessageWriter;
}

/**
 * Writes the parts of a reply as output items. Adjacent text and refusal parts share one message; so an item is closed
 * only when the next one begins or the reply ends, which also lets a reply that was cut short mark its last item
 * `incomplete`. A part is opened at its first delta, because an empty one would come back as an empty block.
 */
export class OutputWriter {
  /** The finished items. */
  readonly output: JsonObject[] = [];
  /** Whether the model refused in words of its own, which is an answer and no filter's doing. */
  hasRefused = false;
  readonly #context: ReplyContext;
  #waiting: PartStart | undefined;
  #item: OpenItem | undefined;

  constructor(context: ReplyContext) {
    this.#context = context;
  }

  push(event: PartEvent): Body[] {
    switch (event.type) {
      case 'part-start':
        this.#waiting = event;
        return opensAtOnce(event) ? this.#open() : [];
      case 'part-delta':
        return [...this.#open(), ...this.#write(event.delta)];
      case 'part-end':
        return this.#end();
    }
  }

  /** Closes the open item, if any. */
  close(status: ItemStatus): Body[] {
    if (this.#item === undefined) return [];
    const { place, writer } = this.#item;
    const item = writer.whole(status);
    this.#item = undefined;
    this.output.push(item);
    return [{ type: 'response.output_item.done', output_index: place.outputIndex, item }];
  }

  #write(delta: PartDelta): Body[] {
    return this.#item?.writer.delta(delta) ?? [];
  }

  /** A part that still waits held nothing. */
  #end(): Body[] {
    const held = this.#waiting === undefined;
    this.#waiting = undefined;
    return held ? (this.#item?.writer.end() ?? []) : [];
  }

  #open(): Body[] {
    const start = this.#waiting;
    if (start === undefined) return [];
    this.#waiting = undefined;
    if (start.part === 'refusal') this.hasRefused = true;
    if (start.part === 'thinking') return this.#add(this.#reasoning(start));
    if (start.part === 'tool-call') return this.#add(this.#call(start));
    const open = this.#item?.message;
    if (open !== undefined) return open.start(start.part);
    const message = this.#message();
    return [...this.#add(message), ...message.message.start(start.part)];
  }

  #add(item: OpenItem): Body[] {
    const closed = this.close('completed');
    this.#item = item;
    const whole = item.writer.whole('in_progress');
    return [...closed, { type: 'response.output_item.added', output_index: item.place.outputIndex, item: whole }];
  }

  #message(): Required<OpenItem> {
    const place = this.#place('msg');
    const message = writeMessage(place);
    return { place, writer: message, message };
  }

  #reasoning(start: Extract<PartStart, { part: 'thinking' }>): OpenItem {
    const place = this.#place('rs', start.id);
    return { place, writer: writeReasoning(place, start.redacted) };
  }

  #call(start: Extract<PartStart, { part: 'tool-call' }>): OpenItem {
    const place = this.#place('fc');
    const origin = this.#context.conversation?.tools.find((tool) => tool.name === start.name)?.origin;
    const names: CallNames = { call_id: start.id, ...(origin ?? { name: start.name }) };
    return { place, writer: writeCall(place, names) };
  }

  /** The open item is not in `output` yet, but will be before the new one. */
  #place(prefix: string, id?: string): ItemPlace {
    const outputIndex = this.output.length + (this.#item === undefined ? 0 : 1);
    return { id: id ?? `${prefix}_${idBase(this.#context.requestId)}${outputIndex}`, outputIndex };
  }
}

/** A call is real without arguments, and a redacted block has no deltas at all. */
function opensAtOnce(start: PartStart): boolean {
  return start.part === 'tool-call' || (start.part === 'thinking' && start.redacted !== undefined);
}

/** The characters of an id that every client keeps (clients.md 4(iv).13), at most 32 of them. */
export function idBase(id: string): string {
  return id.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 32);
}
