import type { Client } from './clients.ts';

/** A library, in one of the ways in which it calls: a driver of ours around it, and what its row says besides. */
export function library(
  row: Pick<Client, 'name' | 'dialect' | 'packages'> &
    Partial<Client> & { readonly file: string; readonly argument?: string },
): Client {
  const { file, argument, ...rest } = row;
  return {
    required: true,
    without: {},
    ...rest,
    way: { kind: 'driver', file, ...(argument !== undefined && { argument }) },
  };
}
