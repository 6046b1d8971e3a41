import type { Settlement } from '../../src/core/settlement.ts';
import type { UpstreamRequest } from '../../src/core/upstream.ts';
import { openPolicyStore, type PolicySource, type PolicyStore } from '../../src/policy/store.ts';
import type { LedgerPort } from '../../src/ledger/port.ts';
import type { Ports } from '../../src/ports.ts';
import type { Settings } from '../../src/upstream/address.ts';
import { manualTimer, type ManualTimer } from './timer.ts';

export const accountId = '0123456789abcdef0123456789abcdef';

export const settings: Settings = {
  accountId,
  gatewayId: 'main',
  gatewayBaseUrl: 'https://gateway.ai.cloudflare.com/v1',
  apiBaseUrl: 'https://api.cloudflare.com/client/v4',
};

/** A source of policies over a map from KV key to text. */
export function mapSource(texts: ReadonlyMap<string, string>): PolicySource {
  return {
    get: async (key) => texts.get(key) ?? null,
    list: async (prefix) => [...texts.keys()].filter((key) => key.startsWith(prefix)),
  };
}

/** The real store over plain values: what it gives has been through the schema, as from KV. */
export function policyStore(values: Readonly<Record<string, unknown>> = {}): PolicyStore {
  const texts = new Map(Object.entries(values).map(([key, value]) => [key, JSON.stringify(value)]));
  return openPolicyStore({ source: mapSource(texts), memo: new Map(), timer: manualTimer(), warn: () => undefined });
}

export interface FakePorts extends Ports {
  readonly timer: ManualTimer;
  /** What was sent, oldest first. */
  readonly sent: readonly UpstreamRequest[];
  readonly settlements: readonly Settlement[];
  /** What was handed to `later`. */
  readonly work: readonly Promise<unknown>[];
}

export interface FakeWorld {
  /** By KV key: `route:x`, `patterns`, `defaults`. */
  readonly policies?: Readonly<Record<string, unknown>>;
  /** Names of the secrets that are set; all are where this is absent. */
  readonly secrets?: readonly string[];
  readonly settings?: Partial<Settings>;
  /** Answers a request; 500 where this is absent. */
  readonly answer?: (request: UpstreamRequest, signal: AbortSignal) => Response | Promise<Response>;
}

/** Ports without a world behind them: time stands still until told, nothing is sent, everything is kept. */
export function fakePorts(world: FakeWorld = {}): FakePorts {
  const sent: UpstreamRequest[] = [];
  const settlements: Settlement[] = [];
  const work: Promise<unknown>[] = [];
  let ids = 0;
  return {
    settings: { ...settings, ...world.settings },
    policy: policyStore(world.policies),
    timer: manualTimer(),
    health: new Map(),
    bug: () => undefined,
    warn: () => undefined,
    issuers: { find: async () => undefined },
    ledger: idleLedger,
    hasSecret: (name) => world.secrets?.includes(name) ?? true,
    async send(request, { signal }) {
      sent.push(request);
      return world.answer?.(request, signal) ?? new Response('{}', { status: 500 });
    },
    redact: (text, callerKey) => (callerKey === undefined ? text : text.replaceAll(callerKey, '[key]')),
    record: (settlement) => settlements.push(settlement),
    later: (promise) => work.push(promise),
    newId: () => `id${(ids += 1)}`,
    sent,
    settlements,
    work,
  };
}

/** A ledger that lets everyone in and keeps nothing. */
export const idleLedger: LedgerPort = {
  admit: async () => ({ kind: 'admitted', states: [] }),
  settle: async () => undefined,
  record: async () => undefined,
  usage: async () => [],
  states: async () => [],
  begin: async () => ({ kind: 'fresh' }),
  finish: async () => undefined,
  abandon: async () => undefined,
};
