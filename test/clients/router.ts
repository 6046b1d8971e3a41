import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { localSecrets, routerKey } from '../../src/local/keys.ts';
import type { RecordedRequest } from '../../src/local/records.ts';
import { readSamples } from '../../src/local/seed.ts';
import { readWranglerConfig } from './wrangler-config.ts';
import { bundle } from '../support/bundle.ts';

/** The router with the stand-in behind it, on a free port of the loopback interface, with nothing kept on disk. */
export interface RunningRouter {
  /** Without a slash at its end and without `/v1`. */
  readonly origin: string;
  readonly key: string;
  /** What reached the stand-in since the last {@link forget}, oldest first; at most the last 200. */
  upstream(): Promise<readonly RecordedRequest[]>;
  forget(): Promise<void>;
  stop(): Promise<void>;
}

/** Routes that the scenarios ask for, beside the samples of `npm start`. */
const routes: Readonly<Record<string, object>> = {
  'route:impatient': {
    description: 'Clocks so short that a stalled stream ends within seconds',
    targets: [{ model: 'openai/gpt-5.1', credentials: 'stored', firstByteMs: 4000, idleMs: 1500, totalMs: 8000 }],
  },
  'route:claude-impatient': {
    description: 'The same on Anthropic',
    targets: [
      { model: 'anthropic/claude-sonnet-4-5', credentials: 'stored', firstByteMs: 4000, idleMs: 1500, totalMs: 8000 },
    ],
  },
};

/** Starts the router as `npm start` has it: the environment `local` of wrangler.toml, its samples and its made-up secrets. */
export async function startRouter(): Promise<RunningRouter> {
  const { compatibilityDate, compatibilityFlags, vars } = readWranglerConfig('local');
  const shared = { modules: true, compatibilityDate, compatibilityFlags } as const;
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      // The router's own log lines are not what is tested here.
      handleStructuredLogs: () => undefined,
      workers: [
        {
          ...shared,
          name: 'router',
          script: await bundle('src/local/router.ts'),
          bindings: {
            ...vars,
            ...localSecrets,
          },
          kvNamespaces: ['POLICY'],
          durableObjects: { LEDGER: { className: 'Ledger', useSQLite: true } },
          serviceBindings: { AI: { name: 'cloudflare', entrypoint: 'WorkersAi' }, CLOUDFLARE: 'cloudflare' },
        },
        { ...shared, name: 'cloudflare', script: await bundle('src/local/cloudflare.ts') },
      ],
    }),
  );
  const url = await miniflare.ready;
  const policies = await miniflare.getKVNamespace('POLICY', 'router');
  for (const { key, value } of readSamples()) await policies.put(key, value);
  for (const [key, route] of Object.entries(routes)) await policies.put(key, JSON.stringify(route));
  const control = async (method: string): Promise<string> => {
    const worker = await miniflare.getWorker('cloudflare');
    return (await worker.fetch('http://cloudflare.local/requests', { method })).text();
  };
  return {
    origin: url.origin,
    key: routerKey,
    upstream: async () => JSON.parse(await control('GET')) as RecordedRequest[],
    forget: async () => void (await control('DELETE')),
    stop: () => miniflare.dispose(),
  };
}
