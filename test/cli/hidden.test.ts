import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askHidden } from '../../src/cli/hidden.ts';

describe('askHidden', () => {
  it('gives what was typed and shows the question alone', async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    const asked = askHidden('CF_AIG_TOKEN', { input, output });
    // A typo, taken back, and blanks from pasting.
    input.write(' canary-secrex\u007ft \r');
    expect([await asked, String(output.read())]).toEqual(['canary-secret', 'CF_AIG_TOKEN (not shown): \n']);
  });
});
