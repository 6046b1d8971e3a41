export { readEmbeddingsRequest } from './read-request.ts';
