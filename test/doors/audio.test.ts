import { toFile } from 'openai';
import { describe, expect, it } from 'vitest';
import { soundOf } from '../../src/local/audio.ts';
import { recordedRequests } from '../support/standin.ts';
import { putRoute } from '../edge/router.ts';
import { openai } from './openai-chat.ts';
import { arrivals, openRouter } from './router.ts';
import { targets } from './targets.ts';

openRouter();

const words = 'hello there';
const recording = (): Promise<File> => toFile(soundOf(words), 'hello.mp3', { type: 'audio/mpeg' });
const decode = async (response: Response): Promise<string> => new TextDecoder().decode(await response.arrayBuffer());

describe('speech', () => {
  it('of OpenAI comes to the openai client byte for byte', async () => {
    const response = await openai().audio.speech.create({ model: 'openai/tts-1', input: words, voice: 'alloy' });
    expect([response.headers.get('content-type'), await decode(response)]).toEqual(['audio/mpeg', `sound of ${words}`]);
    expect(await arrivals()).toEqual([
      { surface: 'gateway', path: 'openai/audio/speech', model: 'tts-1', keys: storedKeys() },
    ]);
    expect(JSON.parse((await recordedRequests())[0]?.body ?? '')).toEqual({
      model: 'tts-1',
      input: words,
      voice: 'alloy',
    });
  });

  it.each([
    ['@cf/deepgram/aura-1', 'alloy', `sound of ${words} by asteria`],
    ['@cf/deepgram/aura-1', 'luna', `sound of ${words} by luna`],
    ['@cf/myshell-ai/melotts', 'fr', `sound of ${words} in fr`],
  ])('of %s by the voice %s', async (model, voice, sound) => {
    const response = await openai().audio.speech.create({ model, input: words, voice });
    expect([response.headers.get('content-type'), await decode(response)]).toEqual(['audio/mpeg', sound]);
    expect((await arrivals()).map(({ surface, keys }) => [surface, keys])).toEqual([['binding', {}]]);
  });

  it('falls back where a page comes instead of sound', async () => {
    const model = await putRoute({
      targets: [
        { model: 'openai/tts-1', credentials: 'stored' },
        { model: '@cf/deepgram/aura-1', credentials: 'binding' },
      ],
    });
    const response = await openai().audio.speech.create({ model, input: '!html', voice: 'alloy' });
    expect(await decode(response)).toBe('sound of !html by asteria');
  });

  it.each([
    [{ response_format: 'opus' as const, stream_format: 'sse' as const }, 'stream_format'],
    [{ instructions: 'whisper' }, 'instructions'],
  ])('that Workers AI cannot make is refused: %j', async (more, named) => {
    const asked = openai().audio.speech.create({ model: '@cf/deepgram/aura-1', input: words, voice: 'alloy', ...more });
    await expect(asked).rejects.toThrow(named);
    expect(await recordedRequests()).toEqual([]);
  });
});

describe('transcriptions', () => {
  it('of OpenAI take the form as the client made it, the model alone changed', async () => {
    const reply = await openai().audio.transcriptions.create({
      model: 'openai/whisper-1',
      file: await recording(),
      language: 'en',
    });
    expect(reply.text).toBe(words);
    const [sent] = await recordedRequests();
    expect(sent?.url).toMatch(/\/openai\/audio\/transcriptions$/);
    const type = Object.fromEntries(sent?.headers ?? [])['content-type'] ?? '';
    const form = await new Response(sent?.body, { headers: { 'content-type': type } }).formData();
    const file: unknown = form.get('file');
    expect([form.get('model'), form.get('language'), file instanceof File && file.name]).toEqual([
      'whisper-1',
      'en',
      'hello.mp3',
    ]);
    expect((await arrivals()).map(({ keys }) => keys)).toEqual([storedKeys()]);
  });

  it('of OpenAI stream', async () => {
    const stream = await openai().audio.transcriptions.create({
      model: 'openai/gpt-4o-transcribe',
      file: await recording(),
      stream: true,
    });
    const types = [];
    for await (const event of stream) types.push(event.type);
    expect(types).toEqual(['transcript.text.delta', 'transcript.text.done']);
  });

  it.each(['@cf/openai/whisper', '@cf/openai/whisper-large-v3-turbo'])(
    'of %s come in OpenAI’s shape',
    async (model) => {
      const reply = await openai().audio.transcriptions.create({ model, file: await recording() });
      expect(reply).toEqual({ text: words });
      const text = await openai().audio.transcriptions.create({
        model,
        file: await recording(),
        response_format: 'text',
      });
      expect(text).toBe(`${words}\n`);
      const vtt = await openai().audio.transcriptions.create({
        model,
        file: await recording(),
        response_format: 'vtt',
      });
      expect(vtt).toContain('WEBVTT');
    },
  );

  it('that Workers AI cannot make are refused', async () => {
    const asked = openai().audio.transcriptions.create({
      model: '@cf/openai/whisper',
      file: await recording(),
      response_format: 'srt',
    });
    await expect(asked).rejects.toThrow(
      'Cannot answer "srt" with a Workers AI model: it has json, text, verbose_json, vtt.',
    );
    expect(await recordedRequests()).toEqual([]);
  });

  it('try the next target while all of the form is held', async () => {
    const model = await putRoute({
      targets: [
        { model: 'openai/whisper-no-such', credentials: 'stored' },
        { model: '@cf/openai/whisper', credentials: 'binding' },
      ],
    });
    const reply = await openai().audio.transcriptions.create({ file: await recording(), model });
    expect(reply).toEqual({ text: words });
  });

  it('of a JSON body are refused', async () => {
    await expect(openai().post('/audio/transcriptions', { body: { model: 'openai/whisper-1' } })).rejects.toThrow(
      '415 Cannot read a body of type application/json: send content-type: multipart/form-data, uncompressed.',
    );
  });
});

describe('images', () => {
  it('of FLUX come in OpenAI’s shape', async () => {
    const reply = await openai().images.generate({ model: '@cf/black-forest-labs/flux-1-schnell', prompt: 'a cat' });
    expect(reply.data).toEqual([{ b64_json: btoa('image of a cat') }]);
    const url = await openai().images.generate({
      model: '@cf/black-forest-labs/flux-1-schnell',
      prompt: 'a cat',
      response_format: 'url',
    });
    expect(url.data).toEqual([{ url: `data:image/jpeg;base64,${btoa('image of a cat')}` }]);
    expect((await recordedRequests()).map(({ surface, inputs }) => [surface, inputs])).toEqual([
      ['binding', { prompt: 'a cat' }],
      ['binding', { prompt: 'a cat' }],
    ]);
  });

  it.each([{ n: 2 }, { size: '512x512' as const }, { background: 'transparent' as const }])(
    'that FLUX cannot paint are refused: %j',
    async (more) => {
      const asked = openai().images.generate({
        model: '@cf/black-forest-labs/flux-1-schnell',
        prompt: 'a cat',
        ...more,
      });
      await expect(asked).rejects.toThrow('400');
      expect(await recordedRequests()).toEqual([]);
    },
  );
});

describe('streamed completions', () => {
  const model = 'openai/gpt-3.5-turbo-instruct';
  it('come as OpenAI sends them', async () => {
    const stream = await openai().completions.create({ model, prompt: '!say hello there', stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.text ?? '';
    expect(text).toBe('hello there');
  });

  it('that are cut end in an error, never as if they were whole', async () => {
    const stream = await openai().completions.create({ model, prompt: '!cut 1', stream: true });
    const read = async (): Promise<string[]> => {
      const texts = [];
      for await (const chunk of stream) texts.push(chunk.choices[0]?.text ?? '');
      return texts;
    };
    await expect(read()).rejects.toThrow('broke off before');
  });
});

function storedKeys(): unknown {
  return targets.find(({ name }) => name === 'OpenAI by chat')?.arrival('chat').keys;
}
