export { responsesClient } from './client.ts';
export { responsesLosses } from './losses.ts';
export { responsesTarget } from './target.ts';
