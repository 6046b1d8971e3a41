/** Below this path `npm start` serves what the stand-in plays of `api.cloudflare.com`. */
export const apiPath = '/cloudflare';

/** The port of `npm start` where none is asked for. */
export const usualPort = 8787;

/** Where the operator's commands find the stand-in's API when `npm start` runs with its usual port. */
export const localApiUrl = `http://127.0.0.1:${usualPort}${apiPath}/client/v4`;

/** The address at Cloudflare that one of the stand-in's API stands for; `undefined` for any other address. */
export function realUrl(address: string): string | undefined {
  const { pathname, search } = new URL(address);
  if (!pathname.startsWith(`${apiPath}/client/v4/`)) return undefined;
  return `https://api.cloudflare.com${pathname.slice(apiPath.length)}${search}`;
}
