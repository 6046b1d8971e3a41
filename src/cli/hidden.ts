import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Asks for a value at the terminal and echoes nothing of it: neither on the screen nor in what it scrolls back. */
export async function askHidden(question: string): Promise<string> {
  process.stderr.write(`${question} (not shown): `);
  // readline echoes into its output: this one forgets everything.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return (await prompt.question('')).trim();
  } finally {
    prompt.close();
    process.stderr.write('\n');
  }
}
