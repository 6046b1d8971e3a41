import type * as z from 'zod/mini';
import type { JsonObject } from '../core/json.ts';
import type { LedgerPort } from '../ledger/port.ts';
import type { Done } from '../policy/admin.ts';
import type { KeyWorld } from '../policy/key-admin.ts';

/** What the admin plane touches. */
export interface AdminWorld extends KeyWorld {
  readonly ledger: Pick<LedgerPort, 'usage' | 'states'>;
}

/** One request to the admin plane: its query and body have been through the row's schemas. */
export interface AdminAsked {
  /** What stands for the names in braces, decoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

/** One parameter of a query; all are optional. */
export interface QueryRow {
  readonly schema: z.core.$ZodType<string>;
  /** One line for the documents. */
  readonly says: string;
}

/** An answer as CSV. `next`: the callers after this one are not in it. */
export interface CsvAnswer {
  readonly text: string;
  readonly next?: string;
}

/** One endpoint of the admin plane. The rows are what is dispatched and what the documents say. */
export interface AdminRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With names in braces, each for one segment: `/admin/callers/{name}`. */
  readonly path: string;
  readonly group: 'Callers' | 'Keys' | 'Usage and limits' | 'Routes';
  /** The operation's name in OpenAPI. */
  readonly id: string;
  readonly summary: string;
  readonly details?: string;
  readonly query?: Readonly<Record<string, QueryRow>>;
  /** The request's body, a JSON object; an empty body counts as `{}`. Absent: it takes none. */
  readonly body?: { readonly schema: z.core.$ZodType; readonly example: JsonObject };
  readonly output: z.core.$ZodType;
  /** 200 where absent. */
  readonly status?: 201;
  readonly run: (asked: AdminAsked, world: AdminWorld) => Promise<Done<unknown>>;
  /** Answers in place of `run` where the query says `format=csv`. */
  readonly csv?: (asked: AdminAsked, world: AdminWorld) => Promise<Done<CsvAnswer>>;
}
