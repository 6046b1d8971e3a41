const quote = 0x22;
const backslash = 0x5c;
const opening: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const closing: ReadonlySet<number> = new Set([0x7d, 0x5d]);

/**
 * Watches a JSON object or array come in pieces and knows when its last bracket has closed. Counts brackets outside of
 * strings and checks nothing else, so it costs one look a character and no memory.
 */
export class JsonEnd {
  #depth = 0;
  #inString = false;
  #escaped = false;
  #complete = false;

  /** Whether as many brackets have closed as have opened, at least one. */
  get complete(): boolean {
    return this.#complete;
  }

  push(text: string): void {
    for (let at = 0; at < text.length; at += 1) this.#look(text.charCodeAt(at));
  }

  #look(code: number): void {
    if (this.#inString) {
      this.#inString = this.#escaped || code !== quote;
      this.#escaped = !this.#escaped && code === backslash;
      return;
    }
    if (code === quote) this.#inString = true;
    if (opening.has(code)) this.#depth += 1;
    if (!closing.has(code)) return;
    this.#depth -= 1;
    this.#complete = this.#depth === 0;
  }
}
