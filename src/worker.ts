import { buildApp } from './edge/app.ts';

/** What Cloudflare loads. */
export default buildApp();
