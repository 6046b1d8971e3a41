import type { SseEvent } from '../core/machine.ts';

const encoder = new TextEncoder();
const lineBreak = /\r\n?|\n/;

/** The comment that keeps a silent stream alive. Every client skips comments; pings and empty events break some (clients.md 4(iv).3). */
export const commentBytes: Uint8Array = encoder.encode(': keepalive\n\n');

/** Writes one event: its `event:` line where it has a name, one `data:` line per line of data, and a blank line. */
export function encodeEvent(event: SseEvent): Uint8Array {
  return encoder.encode(eventText(event));
}

/** Writes events one after the other, encoded at once. */
export function encodeEvents(events: readonly SseEvent[]): Uint8Array {
  return encoder.encode(events.map(eventText).join(''));
}

function eventText({ event, data }: SseEvent): string {
  return `${nameLine(event)}${dataLines(data)}\n`;
}

/** A line break in a name would let whoever chose the name write fields of their own (threats.md T58). */
function nameLine(event: string | undefined): string {
  const name = event?.replaceAll(/[\r\n]/g, '') ?? '';
  return name === '' ? '' : `event: ${name}\n`;
}

function dataLines(data: string): string {
  // JSON text holds no line break, so this is the only way taken in practice.
  if (!data.includes('\n') && !data.includes('\r')) return `data: ${data}\n`;
  return data
    .split(lineBreak)
    .map((line) => `data: ${line}\n`)
    .join('');
}
