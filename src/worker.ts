import { buildApp } from './edge/app.ts';

export { Router } from './edge/rpc.ts';

/** What Cloudflare loads. */
export default buildApp();
