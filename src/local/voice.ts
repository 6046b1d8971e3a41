import type { Fault, Refusal } from './errors.ts';

/** How one provider says no: every body in its own shape. */
export interface Voice {
  /** The key that came is not one of its keys. OpenAI quotes it. */
  wrongKey(key: string, header: string): Refusal;
  noKey(): Refusal;
  unknownModel(model: string): Refusal;
  unknownPath(method: string, path: string): Refusal;
  invalid(fault: Fault): Refusal;
  /** An error out of nowhere, by status; `code` in the provider's own words. */
  failure(status: number, code?: string): Refusal;
}
