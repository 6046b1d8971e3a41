import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { readArguments } from '../../src/cli/arguments.ts';
import type { Asked } from '../../src/cli/asked.ts';
import { Stop } from '../../src/cli/stop.ts';
import { placeArguments, readPlace, sayPlace } from '../../src/cli/place.ts';

function asked(line: string): Asked {
  const list = commands.filter(({ name }) => name === 'policy list');
  return list.map((command) => readArguments(command, line.split(' ').filter(Boolean)))[0] ?? noOptions;
}
const noOptions: Asked = { flags: new Set(), values: new Map(), operands: [] };

describe('readPlace', () => {
  it.each([
    ['', { remote: false, env: 'local' }, 'local KV', ''],
    ['--local', { remote: false, env: 'local' }, 'local KV', ''],
    ['--env local', { remote: false, env: 'local' }, 'local KV', ''],
    ['--remote', { remote: true }, 'remote KV', ' --remote'],
    ['--env staging', { remote: true, env: 'staging' }, 'remote KV (env staging)', ' --remote --env staging'],
    ['--remote --env prod', { remote: true, env: 'prod' }, 'remote KV (env prod)', ' --remote --env prod'],
    ['--local --env staging', { remote: false, env: 'staging' }, 'local KV (env staging)', ' --local --env staging'],
    [
      '--persist-to state',
      { remote: false, env: 'local', persistTo: '/home/me/project/state' },
      'local KV (/home/me/project/state)',
      ' --persist-to /home/me/project/state',
    ],
  ])('%j is one place, said again the same way', (line, place, said, again) => {
    const read = readPlace(asked(line), '/home/me/project');
    expect([read, sayPlace(read), placeArguments(read)]).toEqual([place, said, again]);
    expect(readPlace(asked(again), '/home/me/project')).toEqual(place);
  });

  it.each(['--local --remote', '--remote --persist-to state', '--env staging --persist-to state'])(
    '%j contradicts itself',
    (line) => {
      expect(() => readPlace(asked(line), '/home/me/project')).toThrow(Stop);
    },
  );
});
