import { describe, expect, it } from 'vitest';
import type { Source } from '../../src/core/conversation.ts';
import { readUrl, writeDataUrl } from '../../src/dialects/data-url.ts';

describe('URLs of images and files', () => {
  it.each<[string, Source]>([
    ['https://x/i.png', { kind: 'url', url: 'https://x/i.png' }],
    ['data:image/png;base64,iVBO', { kind: 'data', mediaType: 'image/png', data: 'iVBO' }],
    ['DATA:image/png;charset=x;BASE64,iVBO', { kind: 'data', mediaType: 'image/png', data: 'iVBO' }],
    ['data:;base64,YQ==', { kind: 'data', mediaType: 'text/plain', data: 'YQ==' }],
    ['data:text/plain,a%20b', { kind: 'url', url: 'data:text/plain,a%20b' }],
    ['data:image/png;base64', { kind: 'url', url: 'data:image/png;base64' }],
    ['', { kind: 'url', url: '' }],
  ])('reads %s', (url, expected) => {
    expect(readUrl(url)).toEqual(expected);
  });

  it('writes what it reads', () => {
    expect(readUrl(writeDataUrl('image/webp', 'UklG'))).toEqual({
      kind: 'data',
      mediaType: 'image/webp',
      data: 'UklG',
    });
  });

  it('looks no further than the head for the comma', () => {
    const url = `data:${'a'.repeat(300)};base64,YQ==`;
    expect(readUrl(url)).toEqual({ kind: 'url', url });
  });
});
