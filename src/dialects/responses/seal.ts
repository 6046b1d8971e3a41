import { field, parseJson, textOf } from '../../core/json.ts';

/** What another vendor's thinking needs in order to be replayed to its author. */
export interface SealedThinking {
  readonly signature?: string;
  readonly redacted?: string;
}

/**
 * Responses clients replay `encrypted_content` untouched, and nothing else that is opaque. So another vendor's signature
 * travels in it, behind a mark with dots: OpenAI's own value is base64url (`gAAAA...`) and can never begin so.
 */
const mark = 'router.thinking.v1.';

/** Writes a signature or a redacted block as `encrypted_content`: the mark, then base64 of JSON. */
export function sealThinking(thinking: SealedThinking): string {
  return mark + btoa(JSON.stringify(thinking).replaceAll(/[^ -~]/g, escapeUnit));
}

/** Reads a sealed `encrypted_content`; `undefined` where it is another vendor's own. A broken seal holds nothing. */
export function unsealThinking(encrypted: string): SealedThinking | undefined {
  if (!encrypted.startsWith(mark)) return undefined;
  const sealed = parseJson(decodeBase64(encrypted.slice(mark.length)));
  const signature = textOf(field(sealed, 'signature'));
  const redacted = textOf(field(sealed, 'redacted'));
  return { ...(signature !== undefined && { signature }), ...(redacted !== undefined && { redacted }) };
}

/** `btoa` takes bytes only; JSON can spell every other character with them. */
function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function decodeBase64(text: string): string {
  try {
    return atob(text);
  } catch {
    return '';
  }
}
