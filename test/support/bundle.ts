import { build } from 'esbuild';

/** A Worker as one module, for those that run beside the test: the router, the stand-in, and one that calls the router. */
export async function bundle(entryPoint: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entryPoint],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    external: ['cloudflare:workers'],
  });
  return outputFiles.map(({ text }) => text).join('');
}
