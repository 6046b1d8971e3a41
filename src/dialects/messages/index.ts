export { messagesClient } from './client.ts';
export { readCountRequest, writeCount } from './count.ts';
export { findModel } from './models.ts';
export { messagesLosses } from './losses.ts';
export { messagesTarget } from './target.ts';
