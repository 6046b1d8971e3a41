export { readEmbeddingsRequest } from './read-request.ts';
export { readEmbeddingsUsage } from './usage.ts';
