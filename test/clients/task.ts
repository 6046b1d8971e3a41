/** What a client is asked to do in one scenario, in words that every client understands. A driver gets it as JSON. */
export interface Task {
  /**
   * `text`: one whole answer. `stream`: the same, streamed. `tools`: a loop with the tool `weather`, streamed where the client
   * streams. `schema`: an answer by a JSON schema. `image`: a prompt with a picture. `embeddings`: a vector of the prompt.
   */
  readonly ask: 'text' | 'stream' | 'tools' | 'schema' | 'image' | 'embeddings';
  /** The router's address without `/v1`. */
  readonly origin: string;
  readonly key: string;
  readonly model: string;
  readonly prompt: string;
  /** Headers that the client is configured to send with the request. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What the client made of it. */
export interface Said {
  /** The text that the client shows at the end, over all rounds. */
  readonly text?: string;
  readonly thinking?: string;
  /** Cities that the tool `weather` was run for, in order. */
  readonly cities?: readonly string[];
  /** Lengths of the vectors. */
  readonly vectors?: readonly number[];
  /** The failure as the client shows it to its user: all that it printed of it. */
  readonly error?: string;
}
