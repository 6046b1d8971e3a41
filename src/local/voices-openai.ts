import type { Fault, Refusal } from './errors.ts';
import type { Voice } from './voice.ts';

function openaiBody(fault: Fault, type: string): unknown {
  return { error: { message: fault.message, type, param: fault.param ?? null, code: fault.code ?? null } };
}

/** OpenAI shows the first eight and the last four characters of a key it refuses; a short one it shows whole. */
function quoteKey(key: string): string {
  return key.length <= 12 ? key : `${key.slice(0, 8)}${'*'.repeat(key.length - 12)}${key.slice(-4)}`;
}

const openaiFailures: ReadonlyMap<number, readonly [type: string, code: string | null, message: string]> = new Map([
  [400, ['invalid_request_error', null, 'The request could not be understood.']],
  [
    401,
    [
      'invalid_request_error',
      'invalid_api_key',
      'Incorrect API key provided: sk-stored. You can find your API key at https://platform.openai.com/account/api-keys.',
    ],
  ],
  [
    403,
    ['invalid_request_error', 'unsupported_country_region_territory', 'Country, region, or territory not supported'],
  ],
  [404, ['invalid_request_error', 'model_not_found', 'The model does not exist or you do not have access to it.']],
  [429, ['requests', 'rate_limit_exceeded', 'Rate limit reached for requests. Please try again in 20s.']],
  [503, ['server_error', null, 'The server is currently overloaded with other requests. Sorry about that!']],
]);

const openaiCodes: ReadonlyMap<string, readonly [type: string, message: string]> = new Map([
  [
    'insufficient_quota',
    ['insufficient_quota', 'You exceeded your current quota, please check your plan and billing details.'],
  ],
  [
    'context_length_exceeded',
    [
      'invalid_request_error',
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens. Please reduce the length of the messages.",
    ],
  ],
  [
    'content_policy_violation',
    ['invalid_request_error', 'Your request was rejected as a result of our safety system.'],
  ],
]);

/** OpenAI, and those who copy its errors. */
export const openaiVoice: Voice = {
  wrongKey: (key) => ({
    status: 401,
    body: openaiBody(
      {
        message: `Incorrect API key provided: ${quoteKey(key)}. You can find your API key at https://platform.openai.com/account/api-keys.`,
        code: 'invalid_api_key',
      },
      'invalid_request_error',
    ),
  }),
  noKey: () => ({
    status: 401,
    body: openaiBody(
      {
        message:
          "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API from your browser and are prompted for a username and password. You can obtain an API key from https://platform.openai.com/account/api-keys.",
      },
      'invalid_request_error',
    ),
  }),
  unknownModel: (model) => ({
    status: 404,
    body: openaiBody(
      { message: `The model \`${model}\` does not exist or you do not have access to it.`, code: 'model_not_found' },
      'invalid_request_error',
    ),
  }),
  unknownPath: (method, path) => ({
    status: 404,
    body: openaiBody({ message: `Invalid URL (${method} ${path})` }, 'invalid_request_error'),
  }),
  invalid: (fault) => ({ status: 400, body: openaiBody(fault, 'invalid_request_error') }),
  failure: (status, code) => {
    const known = openaiFailures.get(status) ?? [
      'server_error',
      null,
      'The server had an error while processing your request. Sorry about that!',
    ];
    if (code === undefined)
      return { status, body: { error: { message: known[2], type: known[0], param: null, code: known[1] } } };
    const [type, message] = openaiCodes.get(code) ?? [known[0], known[2]];
    return { status, body: openaiBody({ message, code }, type) };
  },
};

/** Azure OpenAI: OpenAI's, but for the key. */
export const azureVoice: Voice = {
  ...openaiVoice,
  wrongKey: azureKey,
  noKey: azureKey,
  unknownModel: () => ({
    status: 404,
    body: { error: { code: 'DeploymentNotFound', message: 'The API deployment for this resource does not exist.' } },
  }),
};

function azureKey(): Refusal {
  const message =
    'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.';
  return { status: 401, body: { error: { code: '401', message } } };
}

/** Mistral answers its key errors without an `error` object. */
export const mistralVoice: Voice = {
  ...openaiVoice,
  wrongKey: () => ({ status: 401, body: { detail: 'Unauthorized' } }),
  noKey: () => ({ status: 401, body: { detail: 'Unauthorized' } }),
};

/** OpenRouter gives the status as a number in `code`. */
export const openrouterVoice: Voice = {
  ...openaiVoice,
  wrongKey: () => ({ status: 401, body: { error: { message: 'User not found.', code: 401 } } }),
  noKey: () => ({ status: 401, body: { error: { message: 'No auth credentials found', code: 401 } } }),
  failure: (status, code) => ({
    status,
    body: { error: { message: code ?? 'Provider returned error', code: status } },
  }),
};

/** xAI puts the sentence itself under `error`, and answers 400 to a bad key. */
export const xaiVoice: Voice = {
  ...openaiVoice,
  wrongKey: (key) => ({
    status: 400,
    body: {
      code: 'Client specified an invalid argument',
      error: `Incorrect API key provided: ${key.slice(0, 2)}***${key.slice(-2)}. You can obtain an API key from https://console.x.ai.`,
    },
  }),
};
