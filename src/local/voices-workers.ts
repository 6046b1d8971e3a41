import type { Refusal } from './errors.ts';
import { apiError, textOfCode, workersAiError } from './errors.ts';
import type { Voice } from './voice.ts';

/** Workers AI over HTTP: Cloudflare's API envelope. A bad key is code 10000. */
export const workersAiHttpVoice: Voice = {
  wrongKey: () => apiError(401, 10_000, 'Authentication error'),
  noKey: () => apiError(401, 10_000, 'Authentication error'),
  unknownModel: (model) => apiError(400, 5007, `AiError: No such model ${model} or task`),
  unknownPath: (_method, path) => couldNotRoute(path),
  invalid: (fault) => apiError(400, Number(fault.code ?? 8001), `AiError: ${fault.message}`),
  failure: (status, code) => {
    const known = Number(code ?? usualCode(status));
    return apiError(status, known, textOfCode(known));
  },
};

/** Workers AI by the binding: shape s3. */
export const workersAiVoice: Voice = {
  ...workersAiHttpVoice,
  unknownModel: (model) => workersAiError(400, 5007, `No such model ${model} or task`),
  invalid: (fault) => workersAiError(400, Number(fault.code ?? 8001), fault.message),
  failure: (status, code) => {
    const known = Number(code ?? usualCode(status));
    return workersAiError(status, known, textOfCode(known));
  },
};

const usualCodes: ReadonlyMap<number, number> = new Map([
  [400, 8001],
  [403, 3041],
  [404, 3042],
  [408, 3007],
  [413, 3006],
  [429, 3040],
]);

/** The code that Workers AI gives with a status (contract sheet 4.4). */
function usualCode(status: number): number {
  return usualCodes.get(status) ?? 3043;
}

/** A path or an id that Cloudflare's API does not know. */
export function couldNotRoute(path: string): Refusal {
  return apiError(404, 7003, `Could not route to ${path}, perhaps your object identifier is invalid?`);
}
