import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';

// zod/mini brings no words of its own, and operators need plain ones.
z.config(en());

/** A text of one form. The message says what the form is, where the expression does not say it by itself. */
export function text(form: RegExp, message?: string): z.ZodMiniString<string> {
  return z.string().check(message === undefined ? z.regex(form) : z.regex(form, message));
}

/** A whole number in a range, both ends included. */
export function whole(least: number, most: number): z.ZodMiniNumberFormat {
  return z.int().check(z.minimum(least), z.maximum(most));
}

/** A number in a range, both ends included. */
export function number(least: number, most: number): z.ZodMiniNumber<number> {
  return z.number().check(z.minimum(least), z.maximum(most));
}

/** An amount that is not negative. */
export const atLeastZero = z.number().check(z.minimum(0));
