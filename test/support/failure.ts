import { RouterError, type Failure } from '../../src/core/failure.ts';

/** The failure that a call throws. What is thrown otherwise is passed on; nothing thrown is a fault of the test. */
export function failureOf(run: () => unknown): Failure {
  try {
    run();
  } catch (error) {
    return failureIn(error);
  }
  throw new Error('nothing was thrown');
}

/** The same for a promise. */
export async function rejectionOf(promise: Promise<unknown>): Promise<Failure> {
  return promise.then(() => {
    throw new Error('nothing was thrown');
  }, failureIn);
}

function failureIn(error: unknown): Failure {
  if (error instanceof RouterError) return error.failure;
  throw error;
}
