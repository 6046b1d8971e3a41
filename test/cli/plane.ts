import type { World } from '../../src/cli/command.ts';
import { answerAdmin, requireAdmin } from '../../src/edge/admin.ts';
import type { AdminWorld } from '../../src/edge/admin-route.ts';
import { failureResponse } from '../../src/edge/answer.ts';
import { RouterError } from '../../src/core/failure.ts';
import type { LimitState } from '../../src/core/limits.ts';
import type { UsageLine, UsageQuery } from '../../src/ledger/usage.ts';
import { adminRig, type AdminRig } from '../policy/admin-rig.ts';
import { openRig, type Rig } from './rig.ts';

export const adminKey = 'sk-admin-canary-4242';

/** A request as the router got it. */
export interface Sent {
  readonly url: string;
  readonly method: string | undefined;
  readonly redirect: string | undefined;
}

export interface PlaneRig {
  readonly rig: Rig;
  readonly kv: AdminRig;
  readonly sent: Sent[];
  readonly queries: UsageQuery[];
}

export interface PlaneOptions {
  /** KV of the router. */
  readonly kv?: Readonly<Record<string, unknown>>;
  readonly usage?: Readonly<Record<string, readonly UsageLine[]>>;
  readonly states?: readonly LimitState[];
  readonly env?: World['env'];
  readonly answer?: (url: string) => Response;
  readonly confirm?: boolean;
}

/** A command line that calls the real admin plane, over KV in memory. */
export function openPlane(options: PlaneOptions = {}): PlaneRig {
  const kv = adminRig(options.kv);
  const sent: Sent[] = [];
  const queries: UsageQuery[] = [];
  const world: AdminWorld = {
    ...kv,
    ledger: {
      usage: async (caller, query) => {
        queries.push(query);
        return options.usage?.[caller] ?? [];
      },
      states: async () => options.states ?? [],
    },
  };
  const serve = async (url: string, init: RequestInit): Promise<Response> => {
    sent.push({ url, method: init.method, redirect: init.redirect });
    if (options.answer !== undefined) return options.answer(url);
    const request = new Request(url, init);
    const desk = { world, requestId: 'req_1', warn: () => undefined };
    return requireAdmin(request.headers, { adminKey, routerKey: 'sk-router' })
      .then(async () => answerAdmin(request, desk))
      .catch((error: unknown) => {
        if (!(error instanceof RouterError)) throw error;
        return failureResponse(error.failure, { requestId: 'req_1', dialect: 'chat', nowMs: kv.nowMs });
      });
  };
  const rig = openRig({
    env: options.env ?? { ROUTER_ADMIN_KEY: adminKey },
    fetch: serve,
    ...(options.confirm !== undefined && { answer: () => options.confirm === true }),
  });
  return { rig, kv, sent, queries };
}
