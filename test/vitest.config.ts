import { cloudflareTest } from '@cloudflare/vitest-pool-workers';
import { defineConfig } from 'vitest/config';
import { cloudflareToken, gatewayToken, providerKey, routerKey } from '../src/local/keys.ts';
import { bundle } from './support/bundle.ts';

// Wrangler's warning that [env.local] has no [ai] tells what is meant so.
process.env['WRANGLER_LOG'] ??= 'error';

// Pure tests run in Node; what needs the runtime (streams, KV, bindings) runs inside workerd, with the stand-in behind it.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'pure',
          environment: 'node',
          include: [
            'test/{core,story,dialects,policy,upstream,laws,cli,ledger}/**/*.test.ts',
            'test/wire/**/*.test.ts',
          ],
          exclude: ['test/**/*.workerd.test.ts'],
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './wrangler.toml', environment: 'local' },
            remoteBindings: false,
            // Exported by way of src/worker.ts, where the plugin does not look.
            additionalExports: { Router: 'WorkerEntrypoint' },
            miniflare: {
              bindings: {
                ROUTER_KEY: routerKey,
                CF_AIG_TOKEN: gatewayToken,
                CLOUDFLARE_API_TOKEN: cloudflareToken,
                OPENAI_API_KEY: providerKey('openai'),
                ANTHROPIC_API_KEY: providerKey('anthropic'),
              },
              serviceBindings: { EXAMPLE: 'ai-edge-router-example' },
              workers: [
                {
                  name: 'cloudflare-local',
                  modules: true,
                  script: await bundle('src/local/cloudflare.ts'),
                  compatibilityDate: '2026-11-01',
                  compatibilityFlags: ['enable_request_signal', 'enable_abortsignal_rpc'],
                },
                // As test/example/wrangler.toml has it, but for the name that the router runs under here.
                {
                  name: 'ai-edge-router-example',
                  modules: true,
                  script: await bundle('test/example/src/worker.ts'),
                  compatibilityDate: '2026-11-01',
                  compatibilityFlags: ['enable_request_signal', 'enable_abortsignal_rpc'],
                  serviceBindings: {
                    ROUTER: {
                      name: 'vitest-plugin-runner-workerd',
                      entrypoint: 'Router',
                      props: { caller: 'billing' },
                    },
                  },
                },
              ],
            },
          })),
        ],
        test: {
          name: 'workerd',
          include: ['test/{local,edge,doors,runtime}/**/*.test.ts', 'test/**/*.workerd.test.ts'],
          // All files share the one stand-in and its records.
          fileParallelism: false,
          // The clients consist of hundreds of modules: bundled once they load in a tenth of the time.
          deps: {
            optimizer: {
              ssr: {
                enabled: true,
                include: [
                  'openai',
                  '@anthropic-ai/sdk',
                  'anthropic-sdk-0',
                  'ai',
                  '@ai-sdk/openai',
                  '@ai-sdk/openai-compatible',
                  '@ai-sdk/anthropic',
                ],
              },
            },
          },
        },
      },
    ],
  },
});
