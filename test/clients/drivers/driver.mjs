// What every driver in JavaScript does: a task a line on stdin, `{"said": ...}` a line on stdout.
import { createInterface } from 'node:readline';

/** Calls `asks[task.ask](task)` for every line and writes what it gives; what it throws is the failure that the client shows. */
export async function drive(asks) {
  for await (const line of createInterface({ input: process.stdin })) {
    const said = await answer(asks, JSON.parse(line)).catch((error) => ({ error: sayError(error) }));
    process.stdout.write(`${JSON.stringify({ said })}\n`);
  }
}

async function answer(asks, task) {
  return asks[task.ask](task);
}

/** A failure as a user sees it: its class, its message and its status. */
export function sayError(error) {
  const status = error?.status ?? error?.statusCode ?? error?.cause?.status ?? '';
  return `${error?.constructor?.name ?? 'Error'} ${status} ${error?.message ?? String(error)}`;
}

/** The picture of the scenarios. */
export const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** What the tool `weather` takes. */
export const weatherSchema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

/** What the scenario `schema` asks for. */
export const reportSchema = {
  type: 'object',
  properties: { city: { type: 'string' }, degrees: { type: 'number' } },
  required: ['city', 'degrees'],
  additionalProperties: false,
};

/** What the tool `weather` answers. */
export function weatherOf(city) {
  return `18 degrees in ${city}`;
}

/** More rounds than any scenario has: a loop that goes on is the client's failure. */
export const mostRounds = 4;
