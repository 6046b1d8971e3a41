/** What an SDK threw, in no SDK's words. */
export interface Thrown {
  /** The class: the three families name theirs alike, the AI SDK has one for all. */
  readonly kind: string;
  readonly status: number | undefined;
  readonly message: string;
  /** As the SDK itself found it; the AI SDK does not look for it. */
  readonly requestId: string | undefined;
  readonly headers: Headers;
}

/** Waits for the failure of a request. What does not fail is a failure of the test. */
export async function thrownBy(asked: Promise<unknown>): Promise<Thrown> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('Nothing was thrown: the answer ended well.');
  const { status, statusCode, headers, responseHeaders, requestID } = error as Error & Partial<Fields>;
  const sent = new Headers(headers ?? responseHeaders ?? {});
  return {
    // Bundlers number the classes of the same name.
    kind: error.name === 'Error' ? error.constructor.name.replace(/^_|\d+$/g, '') : error.name,
    status: status ?? statusCode,
    message: error.message,
    requestId: (requestID === undefined ? sent.get('x-request-id') : requestID) ?? undefined,
    headers: sent,
  };
}

/** Where the SDKs keep the answer's facts: the first three names are OpenAI's and Anthropic's, the others the AI SDK's. */
interface Fields {
  readonly status: number;
  readonly headers: Headers;
  readonly requestID: string | null;
  readonly statusCode: number;
  readonly responseHeaders: Record<string, string>;
}
