import type { Refusal } from './errors.ts';
import type { Voice } from './voice.ts';

const anthropicTypes: ReadonlyMap<number, readonly [type: string, message: string]> = new Map([
  [400, ['invalid_request_error', 'The request is invalid.']],
  [401, ['authentication_error', 'invalid x-api-key']],
  [402, ['billing_error', 'Your credit balance is too low to access the Anthropic API.']],
  [403, ['permission_error', 'Your API key does not have permission to use the specified resource.']],
  [404, ['not_found_error', 'Not found']],
  [413, ['request_too_large', 'Request exceeds the maximum size']],
  [429, ['rate_limit_error', 'This request would exceed your organization’s rate limit of 50 requests per minute.']],
  [504, ['timeout_error', 'Request timed out']],
  [529, ['overloaded_error', 'Overloaded']],
]);

function anthropicError(status: number, type: string, message: string): Refusal {
  return { status, body: { type: 'error', error: { type, message }, request_id: 'req_local' } };
}

/** Anthropic. */
export const anthropicVoice: Voice = {
  wrongKey: (_key, header) =>
    anthropicError(401, 'authentication_error', header === 'x-api-key' ? 'invalid x-api-key' : 'Invalid bearer token'),
  noKey: () => anthropicError(401, 'authentication_error', 'x-api-key header is required'),
  unknownModel: (model) => anthropicError(404, 'not_found_error', `model: ${model}`),
  unknownPath: () => anthropicError(404, 'not_found_error', 'Not Found'),
  invalid: (fault) =>
    anthropicError(
      400,
      'invalid_request_error',
      fault.param === undefined ? fault.message : `${fault.param}: ${fault.message}`,
    ),
  failure: (status, code) => {
    const [type, message] = anthropicTypes.get(status) ?? ['api_error', 'Internal server error'];
    if (code === 'context_length_exceeded')
      return anthropicError(status, type, 'prompt is too long: 210000 tokens > 200000 maximum');
    if (code === 'insufficient_quota')
      return anthropicError(
        status,
        type,
        'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
      );
    return anthropicError(status, code ?? type, message);
  },
};

function googleError(code: number, status: string, message: string): Refusal {
  // Google's OpenAI-shaped path wraps its error in an array.
  return { status: code, body: [{ error: { code, message, status } }] };
}

/** Google AI Studio on its OpenAI-shaped path. */
export const googleVoice: Voice = {
  wrongKey: () => googleError(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.'),
  noKey: () =>
    googleError(
      403,
      'PERMISSION_DENIED',
      "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
    ),
  unknownModel: (model) =>
    googleError(
      404,
      'NOT_FOUND',
      `models/${model} is not found for API version v1main, or is not supported for generateContent.`,
    ),
  unknownPath: () => googleError(404, 'NOT_FOUND', 'Requested entity was not found.'),
  invalid: (fault) => googleError(400, 'INVALID_ARGUMENT', fault.message),
  failure: (status, code) => googleError(status, code ?? 'UNKNOWN', 'The request failed.'),
};
