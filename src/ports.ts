import type { UpstreamRequest } from './core/upstream.ts';
import type { Settlement } from './core/settlement.ts';
import type { LedgerPort } from './ledger/port.ts';
import type { HealthMemo } from './policy/health.ts';
import type { IssuerKeys } from './policy/jwks.ts';
import type { PolicyStore } from './policy/store.ts';
import type { Settings } from './upstream/address.ts';
import type { Timer } from './wire/stream.ts';

/** Everything that touches the world, in one plain object. Built from `Env` in `edge/ports.ts`; tests pass their own. */
export interface Ports {
  readonly settings: Settings;
  readonly policy: PolicyStore;
  readonly timer: Timer;
  /** How targets have fared lately, in this isolate. */
  readonly health: HealthMemo;
  /** Whether a secret of this name is set. Its value never leaves the sender. */
  hasSecret(name: string): boolean;
  /** Sends one request to Cloudflare's side. The only place where secrets' names become values. */
  send(request: UpstreamRequest, options: { callerKey: string | undefined; signal: AbortSignal }): Promise<Response>;
  /** Takes every secret that the router knows, and the caller's key, out of a text. */
  redact(text: string, callerKey: string | undefined): string;
  /** Keeps the record of a finished request and what it cost. Never throws. */
  record(settlement: Settlement): void;
  /** Where limits, money and usage are counted. */
  readonly ledger: LedgerPort;
  /** Public keys of token issuers. */
  readonly issuers: IssuerKeys;
  /** One line in the log for the operator. */
  readonly warn: (fields: Readonly<Record<string, string>>) => void;
  /** Logs what is the router's own fault, whole. */
  bug(error: unknown, requestId: string): void;
  /** Lets work go on after the response. */
  later(work: Promise<unknown>): void;
  /** A new id: letters and digits, unique. */
  newId(): string;
}
