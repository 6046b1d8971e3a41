import { expect, it } from 'vitest';
import { readTranscription } from '../../../src/upstream/workersai/transcriptions.ts';

it.each([
  [
    'a silent recording has an empty transcript',
    { text: '' },
    { contentType: 'application/json', text: '{"text":""}' },
  ],
  ['an answer without a transcript is none', { vtt: 'WEBVTT' }, undefined],
])('%s', (_, body, expected) => {
  expect(readTranscription(body, new Map())).toEqual(expected);
});
