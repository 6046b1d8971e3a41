import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Where a value is typed, and where the question is written. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Asks for a value at the terminal and echoes nothing of it: neither on the screen nor in what it scrolls back. */
export async function askHidden(
  question: string,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<string> {
  output.write(`${question} (not shown): `);
  // readline echoes into its output: this one forgets everything.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input, output: nowhere, terminal: true });
  try {
    return (await prompt.question('')).trim();
  } finally {
    prompt.close();
    output.write('\n');
  }
}
