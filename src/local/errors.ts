/** An answer that refuses: status, body, and headers of its own. */
export interface Refusal {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What is wrong with a request's body, in the provider's words. */
export interface Fault {
  readonly message: string;
  readonly param?: string;
  readonly code?: string;
}

/** Error shape s1 of the contract sheet (2.6): AI Gateway's own, with `error` in the singular. */
export function gatewayError(status: number, code: number, message: string): Refusal {
  return {
    status,
    body: {
      success: false,
      result: [],
      messages: [],
      error: [{ code, message }],
      name: 'AiGatewayError',
      httpCode: status,
      internalCode: code,
      message,
      description: message,
    },
  };
}

/** Error shape s2: Cloudflare's API, with `errors` in the plural. Workers AI by HTTP answers in it as well. */
export function apiError(status: number, code: number, message: string): Refusal {
  return { status, body: { result: null, success: false, errors: [{ code, message }], messages: [] } };
}

/** Error shape s3: Workers AI by the binding, with `returnRawResponse`. */
export function workersAiError(status: number, code: number, description: string): Refusal {
  const message = `AiError: ${description}`;
  return { status, body: { name: 'AiError', internalCode: code, httpCode: status, message, description } };
}

/** The text that goes with a code, where the contract sheet has one (2.6 and 4.4). */
const texts: ReadonlyMap<number, string> = new Map([
  [2001, 'Please configure AI Gateway in the Cloudflare dashboard'],
  [2002, 'Failed to parse model output'],
  [2003, 'Rate limited'],
  [2008, 'Invalid provider'],
  [2009, 'Unauthorized'],
  [2016, 'Prompt blocked due to security configurations'],
  [2017, 'Response blocked due to security configurations'],
  [2021, 'This model is not available via unified billing. Please use BYOK.'],
  [2029, 'Request content blocked due to DLP policy violations'],
  [2030, 'Response content blocked due to DLP policy violations'],
  [2040, 'Model or provider could not be resolved for spend-limit enforcement'],
  [2041, "Spend limit exceeded: rule 'local' (cost limit 1 per 60s, fixed) for openai gpt-5-mini"],
  [2045, "Spend limit exceeded: rule 'local' (cost limit 1 per 60s, fixed) for openai gpt-5-mini"],
  [2047, 'Invalid User Credentials'],
  [2049, 'Insufficient balance; add money to your gateway'],
  [3006, 'Request is too large'],
  [3007, 'Request timeout'],
  [3008, 'Request was aborted'],
  [3036, 'You have used up your daily free allocation of 10,000 neurons, please upgrade to the Workers Paid plan'],
  [3040, 'Capacity temporarily exceeded, please try again.'],
  [3041, 'Account is not allowed to access this model'],
  [3042, 'Invalid model ID'],
  [3043, 'Internal server error'],
  [5004, 'Invalid data'],
  [5007, 'No such model'],
  [5016, 'Model agreement not accepted'],
  [5018, 'This account is not allowed to access this model.'],
  [
    5021,
    'The estimated number of input and maximum output tokens (9000) exceeded this model context window limit (8000).',
  ],
  [5035, 'This model requires the Workers Paid plan'],
  [7003, 'Model not found: local'],
  [7009, 'Upstream service unavailable'],
  [7013, 'Guardrails are unavailable'],
  [8001, 'Invalid input'],
  [8006, 'Tool call could not be completed within max_tokens'],
  [10_000, 'Authentication error'],
]);

/** The text of a Cloudflare code. */
export function textOfCode(code: number): string {
  return texts.get(code) ?? `Error ${code}`;
}

/** Codes of 3, 5 and 8 thousand are Workers AI's; 10000 and 7001 the API's; the others the gateway's. */
export function isWorkersAiCode(code: number): boolean {
  return [3, 5, 8].includes(Math.floor(code / 1000));
}

/** An error by its Cloudflare code, in the shape that belongs to it on an HTTP surface. */
export function cloudflareError(status: number, code: number): Refusal {
  if (isWorkersAiCode(code) || code === 7001 || code === 10_000) return apiError(status, code, textOfCode(code));
  return gatewayError(status, code, textOfCode(code));
}
