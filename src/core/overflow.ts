/** How upstreams word that a prompt is too long, thousands separators taken out: theirs are the numbers, ours the words. */
const forms: readonly RegExp[] = [
  // Anthropic: "prompt is too long: 210000 tokens > 200000 maximum"
  /(?<count>\d+) tokens? > (?<limit>\d+) maximum/,
  // Anthropic: "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000"
  /context limit: (?<count>\d+) \+ (?<more>\d+) > (?<limit>\d+)/,
  // OpenAI: "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens."
  /maximum context length (?:is|of) (?<limit>\d+) tokens.{0,60}?(?:resulted in|requested)(?: about)? (?<count>\d+) tokens/,
  // Google: "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."
  /token count \((?<count>\d+)\) exceeds the maximum number of tokens allowed \((?<limit>\d+)\)/,
  // Workers AI 5021: "... tokens (9001) exceeded this model context window limit (8192)."
  /tokens \((?<count>\d+)\) exceeded this model context window limit \((?<limit>\d+)\)/,
  // The limit alone.
  /maximum context length (?:is|of) (?<limit>\d+)/,
];

/** Upstream texts are looked at no further than this. */
const mostText = 2_000;

/**
 * Says a context overflow in the two phrases by which every known client tells it, Anthropic's and OpenAI's (clients.md
 * 2.3): agents compact their history on either. `undefined` where the upstream's words hold no numbers.
 */
export function sayOverflow(text: string): string | undefined {
  const plain = text.slice(0, mostText).replaceAll(',', '');
  const found = forms.map((form) => form.exec(plain)?.groups).find((groups) => groups !== undefined);
  if (found === undefined) return undefined;
  const limit = Number(found['limit']);
  const count = Number(found['count'] ?? 0) + Number(found['more'] ?? 0);
  if (count <= limit) return `prompt is too long: this model's maximum context length is ${limit} tokens`;
  return (
    `prompt is too long: ${count} tokens > ${limit} maximum. This model's maximum context length is ${limit} tokens. ` +
    `However, your messages resulted in ${count} tokens`
  );
}
