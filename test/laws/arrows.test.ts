import { describe, expect, it } from 'vitest';

/* Law 6: imports follow the picture in the README, and what touches the world stands where it may. */

const sources = import.meta.glob<string>('../../src/**/*.ts', { query: '?raw', import: 'default', eager: true });

/** The text of each file without its comments, by its path below src/. */
const files: ReadonlyMap<string, string> = new Map(
  Object.entries(sources).map(([path, text]) => [path.slice('../../src/'.length), withoutComments(text)]),
);

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '');
}

interface Import {
  readonly from: string;
  /** A path below src/, or the name of a package. */
  readonly to: string;
}

const imports: readonly Import[] = [...files].flatMap(([from, text]) =>
  [...text.matchAll(/^(?:import|export|\})[^;]*?\sfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm)].map(
    (found) => ({
      from,
      to: resolve(from, found[1] ?? found[2] ?? found[3] ?? ''),
    }),
  ),
);

function resolve(from: string, name: string): string {
  return name.startsWith('.') ? new URL(name, `file:///${from}`).pathname.slice(1) : name;
}

const rooms = ['core', 'wire', 'policy', 'upstream', 'ledger', 'dialects', 'edge', 'local', 'cli'] as const;
type Place = (typeof rooms)[number] | 'story' | 'worker' | 'package';

/** The story is what stands at the top level, but for the file that Cloudflare loads. */
function placeOf(path: string): Place {
  if (!path.endsWith('.ts')) return 'package';
  if (path === 'worker.ts') return 'worker';
  return path.includes('/') ? (rooms.find((room) => path.startsWith(`${room}/`)) ?? 'package') : 'story';
}

/** Whom each place may import, besides itself. The operator's commands and the stand-in may look at everything. */
const arrows: Readonly<Record<Place, readonly Place[]>> = {
  core: [],
  wire: ['core'],
  dialects: ['wire', 'core'],
  policy: ['wire', 'core'],
  upstream: ['wire', 'core'],
  ledger: ['wire', 'core'],
  story: ['dialects', 'policy', 'upstream', 'ledger', 'wire', 'core'],
  edge: ['story', 'dialects', 'policy', 'upstream', 'ledger', 'wire', 'core'],
  worker: ['edge', 'ledger'],
  local: [...rooms, 'story', 'worker'],
  cli: [...rooms, 'story'],
  package: [],
};

const folderOf = (path: string): string => path.split('/').slice(0, -1).join('/');

const shown = ({ from, to }: Import): string => `${from} -> ${to}`;

describe('imports', () => {
  it('are found', () => {
    expect(imports.map(shown)).toContain('worker.ts -> edge/app.ts');
    expect(imports.filter(({ to }) => placeOf(to) !== 'package' && !files.has(to)).map(shown)).toEqual([]);
  });

  it.each(Object.entries(arrows))('of %s go the way of the picture', (place, allowed) => {
    const against = imports.filter(({ from, to }) => {
      const target = placeOf(to);
      return placeOf(from) === place && target !== place && target !== 'package' && !allowed.includes(target);
    });
    expect(against.map(shown)).toEqual([]);
  });

  it('of one dialect never reach into another', () => {
    const across = imports.filter(
      ({ from, to }) =>
        from.startsWith('dialects/') && to.startsWith('dialects/') && !folderOf(from).startsWith(folderOf(to)),
    );
    expect(across.map(shown)).toEqual([]);
  });

  it('make no cycle', () => {
    const left = new Map([...files.keys()].map((file) => [file, imports.filter(({ from }) => from === file)]));
    const isFree = (file: string): boolean => left.get(file)?.every(({ to }) => !left.has(to)) === true;
    for (let free = [...left.keys()].filter(isFree); free.length > 0; free = [...left.keys()].filter(isFree)) {
      for (const file of free) left.delete(file);
    }
    expect([...left.keys()]).toEqual([]);
  });

  it.each([
    ['core', ['zod']],
    ['wire', ['eventsource-parser']],
    ['dialects', []],
    ['upstream', []],
    ['story', []],
  ] as const)('of packages by %s are the few that are known', (place, known) => {
    const packages = imports.filter(({ from, to }) => placeOf(from) === place && placeOf(to) === 'package');
    expect(packages.filter(({ to }) => !known.some((name) => name === to)).map(shown)).toEqual([]);
  });
});

/** A call of the runtime's own `fetch`; a method of that name declares its parameters with their types. */
const calledFetch = /(?<![.\w])fetch\((?!\w+\??:)|globalThis\.fetch/;

describe('what touches the world', () => {
  /** Everything in the Worker: the stand-in and the operator's commands are no part of it. */
  const worker = [...files].filter(([path]) => placeOf(path) !== 'local' && placeOf(path) !== 'cli');
  const filesWith = (words: RegExp): string[] => worker.filter(([, text]) => words.test(text)).map(([path]) => path);

  it('calls the AI binding in one file', () => {
    expect(filesWith(/\.AI\b/)).toEqual(['edge/ports.ts']);
  });

  it('fetches in one file', () => {
    expect(filesWith(calledFetch)).toEqual(['edge/ports.ts']);
  });

  it('makes and reads streams in wire/ alone', () => {
    const words =
      /new (?:Readable|Writable|Transform)Stream|IdentityTransformStream|FixedLengthStream|getReader\(|getWriter\(/;
    expect(filesWith(words).filter((path) => placeOf(path) !== 'wire')).toEqual([]);
  });

  it('never splits a stream in two, which would keep upstream going after the caller has left', () => {
    expect(filesWith(/\.tee\(/)).toEqual([]);
  });

  it('reads no clock and no chance in machines', () => {
    const pure = worker.filter(([path]) => ['core', 'wire', 'dialects'].includes(placeOf(path)));
    const impure = pure.filter(([, text]) =>
      /Date\.now|new Date\(\)|performance\.now|Math\.random|crypto\.|setTimeout|console\./.test(text),
    );
    expect(impure.map(([path]) => path)).toEqual([]);
  });

  it('never reads the log id of the binding, which overlapping requests share', () => {
    expect(filesWith(/aiGatewayLogId/)).toEqual([]);
  });
});
