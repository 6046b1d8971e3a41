import { buildApp } from './edge/app.ts';

export { Router } from './edge/rpc.ts';
export { Ledger } from './ledger/durable.ts';

/** What Cloudflare loads. */
export default buildApp();
