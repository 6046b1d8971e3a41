import { refuse } from '../../core/failure.ts';
import { field, isObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { shownWord } from './shown.ts';

/** Where in a request body the reader is, and what it could not read so far. */
export interface Place {
  /** For messages to the caller: `messages.0.content.2`. */
  readonly path: string;
  /** Names of features that the neutral form cannot hold. */
  readonly unread: Set<string>;
}

/** The place of a field or of an array's element. */
export function within(place: Place, key: string | number): Place {
  return { path: place.path === '' ? String(key) : `${place.path}.${key}`, unread: place.unread };
}

/** Ends the request as a 400 in Anthropic's wording: the path of the field, then what is wrong with it. */
export function refuseAt(place: Place, says: string): never {
  refuse(`${place.path}: ${says}`, 'invalid_value', place.path);
}

/** Reads a field that may be absent or null. */
export function optional(object: JsonObject, key: string): unknown {
  return field(object, key) ?? undefined;
}

/** Reads a field that must be a string that is not empty. */
export function requireText(object: JsonObject, key: string, place: Place): string {
  const value = field(object, key);
  return typeof value === 'string' && value !== '' ? value : refuseAt(within(place, key), 'must be a string');
}

/** Reads an element that must be an object. */
export function requireObject(value: unknown, place: Place): JsonObject {
  return isObject(value) ? value : refuseAt(place, 'must be an object');
}

/** A block's or tool's `type` for a message. */
export function typeOf(object: JsonObject): string {
  return shownWord(field(object, 'type'));
}

/** Reads `cache_control` as it stands. */
export function readCacheControl(object: JsonObject): { cacheControl?: JsonObject } {
  const mark = field(object, 'cache_control');
  return isObject(mark) ? { cacheControl: mark } : {};
}
