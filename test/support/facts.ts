import type { Conversation, FilePart, ImagePart, Source, TextPart, Turn } from '../../src/core/conversation.ts';

type Part = Turn['parts'][number];

/**
 * What a conversation says, as sentences: one for each part in its order, one for each mark on a part, one for each option.
 * Two conversations that say the same have the same facts, wherever the bounds between their turns are.
 */
export function factsOf(conversation: Conversation): string[] {
  const { turns, tools, sampling, carried, stream } = conversation;
  return [
    ...turns.flatMap((turn) => turn.parts.flatMap((part) => partFacts(turn.role, part))),
    ...tools.flatMap(({ name, parameters, ...rest }) => [
      `tool ${name} ${JSON.stringify(parameters)}`,
      ...optionFacts(`tool ${name}`, rest),
    ]),
    ...optionFacts('sampling', sampling),
    ...optionFacts('option', chosenOptions(conversation)),
    ...outputFacts(conversation),
    ...optionFacts('reasoning', conversation.reasoning ?? {}),
    ...[...carried].map(([key, value]) => `carried ${key} ${JSON.stringify(value)}`),
    `stream ${stream}`,
  ];
}

/** A choice of tools says nothing where there are none. */
function chosenOptions({ tools, toolChoice, parallelTools, maxOutputTokens, stop }: Conversation): object {
  return { maxOutputTokens, stop, ...(tools.length > 0 && { toolChoice, parallelTools }) };
}

function outputFacts({ output }: Conversation): string[] {
  if (output === undefined) return [];
  const { type, ...rest } = output;
  return [`output ${type}`, ...optionFacts('output', rest)];
}

function optionFacts(about: string, options: object): string[] {
  return Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${about} ${key} ${JSON.stringify(value)}`);
}

function partFacts(role: string, part: Part): string[] {
  const mark = 'cacheControl' in part ? [`mark on ${role} ${part.type} ${JSON.stringify(part.cacheControl)}`] : [];
  switch (part.type) {
    case 'text':
    case 'refusal':
      return [`${role} ${part.type} ${part.text}`, ...mark];
    case 'thinking': {
      const { type: _, text, ...rest } = part;
      return [...(text === '' ? [] : [`thinking ${text}`]), ...optionFacts('thinking', rest)];
    }
    case 'tool-call':
      return [`call ${part.id} ${part.name} ${part.arguments}`, ...mark];
    case 'tool-result':
      return [
        `result of ${part.callId}`,
        ...part.content.flatMap((inside) => partFacts('result', inside)),
        ...(part.isError === true ? [`error in ${part.callId}`] : []),
        ...mark,
      ];
    case 'audio':
      return [`audio ${part.format} ${part.data}`];
    case 'image':
    case 'file':
      return [...bytesFacts(role, part), ...mark];
  }
}

function bytesFacts(role: string, part: Exclude<ImagePart | FilePart, TextPart>): string[] {
  const { type, source, cacheControl: _, ...rest } = part;
  return [`${role} ${type} ${shownSource(source)}`, ...optionFacts(`${role} ${type}`, rest)];
}

function shownSource(source: Source | FilePart['source']): string {
  switch (source.kind) {
    case 'url':
      return `url ${source.url}`;
    case 'data':
      return `data ${source.mediaType} ${source.data}`;
    case 'file':
      return `id ${source.id}`;
    case 'text':
      return `text ${source.text}`;
  }
}
