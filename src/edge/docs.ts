import { html } from 'hono/html';
import { field, isObject, textOf } from '../core/json.ts';
import { textResponse } from './answer.ts';
import { resolveSchema, type Content, type OpenApi, type Operation, type Parameter, type Schema } from './openapi.ts';

type Html = ReturnType<typeof html>;

/**
 * The OpenAPI document as a page to read. Everything is in it: no script, no request to anywhere, and a policy that would
 * let neither through. `html` escapes whatever is put in; the document holds the request's own host name.
 */
export async function docsResponse(
  document: OpenApi,
  { requestId, nonce }: { requestId: string; nonce: string },
): Promise<Response> {
  const page = await pageOf(document, nonce);
  const response = textResponse(String(page), { requestId });
  response.headers.set('content-type', 'text/html; charset=utf-8');
  response.headers.set(
    'content-security-policy',
    `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  response.headers.set('referrer-policy', 'no-referrer');
  return response;
}

const style = `
body{max-width:56rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif;color-scheme:light dark}
h2{margin-top:3rem;border-bottom:1px solid}
h3{margin-top:2rem;font-family:ui-monospace,monospace;font-size:1rem}
pre{overflow-x:auto;padding:.75rem;border:1px solid;border-radius:.25rem}
table{border-collapse:collapse}
td,th{padding:.1rem 1rem .1rem 0;text-align:left;vertical-align:top}
`;

interface Placed {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

async function pageOf(document: OpenApi, nonce: string): Promise<Html> {
  const { info, tags } = document;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Placed => ({ path, method: method.toUpperCase(), operation })),
  );
  const sections = tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    return html`<h2>${name}</h2>
      <p>${description}</p>
      ${own.map((placed) => sectionOf(placed, document))}`;
  });
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${info.title}</title>
        <style nonce="${nonce}">
          ${style}
        </style>
      </head>
      <body>
        <h1>${info.title}</h1>
        <p>${info.description} The same for programs: <a href="/openapi.json">openapi.json</a>.</p>
        ${sections}
      </body>
    </html>`;
}

function sectionOf(placed: Placed, document: OpenApi): Html {
  const { method, path, operation } = placed;
  const { summary, description, externalDocs, parameters = [], requestBody } = operation;
  const content = requestBody?.content['application/json'];
  const fields = content === undefined ? [] : fieldsOf(resolveSchema(document, content.schema));
  return html`<h3 id="${operation.operationId}">${method} ${path}</h3>
    <p>${summary}. ${description ?? ''}</p>
    ${externalDocs === undefined ? '' : html`<p><a href="${externalDocs.url}">${externalDocs.url}</a></p>`}
    ${tableOf('Parameter', parameters.map(parameterRow))} ${tableOf('Field', fields)}
    <pre>${curlOf(placed, document.servers[0]?.url ?? '', content)}</pre>`;
}

type Row = readonly [name: string, kind: string, says: string];

function tableOf(title: string, rows: readonly Row[]): Html | string {
  if (rows.length === 0) return '';
  return html`<table>
    <tr>
      <th>${title}</th>
      <th>Type</th>
      <th></th>
    </tr>
    ${rows.map(
      ([name, kind, says]) =>
        html`<tr>
          <td><code>${name}</code></td>
          <td>${kind}</td>
          <td>${says}</td>
        </tr>`,
    )}
  </table>`;
}

function parameterRow({ name, required, schema, description = '' }: Parameter): Row {
  return [name, sayKind(schema), required ? 'in the path' : description];
}

/** The fields at the top of an object. */
function fieldsOf(schema: Schema): Row[] {
  const { properties, required } = schema;
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  if (!isObject(properties)) return [];
  return Object.entries(properties).map(([name, field]) => [
    name,
    isObject(field) ? sayKind(field) : 'any',
    needed.includes(name) ? 'required' : '',
  ]);
}

/** A schema in a word or two; what is deeper stands in openapi.json. */
function sayKind({ type, enum: values, anyOf, items }: Schema): string {
  if (Array.isArray(values)) return values.map(String).join(' | ');
  if (Array.isArray(anyOf)) return anyOf.map(nameOfType).join(' | ');
  if (type === 'array') return `array of ${nameOfType(items)}`;
  return typeof type === 'string' ? type : 'any';
}

function nameOfType(schema: unknown): string {
  return textOf(field(schema, 'type')) ?? 'any';
}

function curlOf({ method, path, operation }: Placed, origin: string, content: Content | undefined): string {
  const key = operation.security.some((way) => 'adminKey' in way) ? '$ADMIN_KEY' : '$ROUTER_KEY';
  const body = content?.example === undefined ? '' : ` \\\n  -d '${JSON.stringify(content.example)}'`;
  const type = content === undefined ? '' : " \\\n  -H 'content-type: application/json'";
  const verb = method === 'GET' ? '' : ` -X ${method}`;
  return `curl${verb} '${origin}${path}' \\\n  -H "authorization: Bearer ${key}"${type}${body}`;
}
