/** A list of the official SDK, page by page. */
interface Pages<Row> {
  iterPages(): AsyncIterable<{ getPaginatedItems(): readonly Row[] }>;
}

/** More pages than any account has; an API that never ends its list must not hold the command line. */
const mostPages = 100;

/** All rows of a list. Ends at a page that was there before, too: an API that takes no page number gives the first for ever. */
export async function readPages<Row>(list: PromiseLike<Pages<Row>>): Promise<Row[]> {
  const rows: Row[] = [];
  const seen = new Set<string>();
  for await (const page of (await list).iterPages()) {
    const items = page.getPaginatedItems();
    const text = JSON.stringify(items);
    if (items.length === 0 || seen.has(text) || seen.size === mostPages) break;
    seen.add(text);
    rows.push(...items);
  }
  return rows;
}
