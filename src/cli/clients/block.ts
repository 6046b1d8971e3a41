/** How one client is set up: what a person copies, and what the clients' test runs. */
export interface ClientBlock {
  /** The word of `router init-client`. */
  readonly name: string;
  readonly title: string;
  /** What must be known beside the block; absent: nothing. */
  readonly note?: string;
  readonly parts: readonly BlockPart[];
}

/** One copy-paste block. */
export interface BlockPart {
  /** The language of the fence. */
  readonly language: 'sh' | 'json' | 'toml' | 'python' | 'js' | 'yaml';
  /** The file that it is, for files; a program or commands have none. */
  readonly file?: string;
  readonly text: string;
}

/** Who the blocks are written for. */
export interface Placeholders {
  /** The router's address without `/v1` and without a slash at its end. */
  readonly url: string;
  readonly key: string;
}

/** What stands in the README. */
export const examplePlaceholders: Placeholders = {
  url: 'https://ai-edge-router.example.workers.dev',
  key: 'sk-router-YOUR-KEY',
};

/** Puts a router's address and key in the place of the example's. */
export function fillPlaceholders(text: string, { url, key }: Placeholders): string {
  return text.replaceAll(examplePlaceholders.url, () => url).replaceAll(examplePlaceholders.key, () => key);
}

/** The blocks as Markdown: a heading a client, then its note and its fences. */
export function sayBlocks(blocks: readonly ClientBlock[]): string {
  return blocks.map(sayBlock).join('\n\n');
}

function sayBlock({ title, note, parts }: ClientBlock): string {
  return [`### ${title}`, ...(note === undefined ? [] : [note]), ...parts.map(sayPart)].join('\n\n');
}

function sayPart({ language, file, text }: BlockPart): string {
  const lead = file === undefined ? '' : `\`${file}\`:\n\n`;
  return `${lead}\`\`\`${language}\n${text.trim()}\n\`\`\``;
}
