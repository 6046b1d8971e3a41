import { readFileSync } from 'node:fs';
import type { BlockPart } from '../../src/cli/clients/block.ts';

/** The marks in the README between which the clients' blocks stand. */
export const blockMarks = { begin: '<!-- clients:begin -->', end: '<!-- clients:end -->' } as const;

/** The blocks of one client, as they stand in the README. */
export interface ReadmeBlock {
  readonly title: string;
  readonly parts: readonly BlockPart[];
}

/** Reads the section *Clients* out of the README: what people copy is what is run. */
export function readReadmeBlocks(): readonly ReadmeBlock[] {
  const readme = readFileSync('README.md', 'utf8');
  const begin = readme.indexOf(blockMarks.begin);
  const section = readme.slice(begin + blockMarks.begin.length, readme.indexOf(blockMarks.end, begin));
  const [, ...chapters] = section.split(/^### /m);
  return chapters.map((chapter) => ({
    title: chapter.slice(0, chapter.indexOf('\n')),
    parts: [...chapter.matchAll(/(?:^`([^`\n]+)`:\n\n)?^```(\w+)\n([\s\S]*?)^```$/gm)].map(
      ([, file, language = '', text = '']) => ({
        // Checked against the table of blocks by a test of its own.
        language: language as BlockPart['language'],
        ...(file !== undefined && { file }),
        text,
      }),
    ),
  }));
}
