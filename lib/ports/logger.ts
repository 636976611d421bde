/** Structured log lines; never a payload, never a secret (the writer redacts). */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

/** The same log, with fields that every line has, as they are when it is written. */
export const withFields = (log: Logger, always: Record<string, unknown>): Logger => ({
  debug: (message, fields) => log.debug(message, { ...always, ...fields }),
  info: (message, fields) => log.info(message, { ...always, ...fields }),
  warn: (message, fields) => log.warn(message, { ...always, ...fields }),
});
