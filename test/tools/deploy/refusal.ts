/** An answer that is no success, as `az rest` prints it: the reason and, in brackets, the body. */
export class Refusal extends Error {
  constructor(
    reason: string,
    code: string,
    message: string,
    detail?: { code: string; target: string; message?: string },
  ) {
    const error = { code, message, ...(detail && { details: [{ message, ...detail }] }) };
    super(`${reason}(${JSON.stringify({ error })})`);
  }
}
