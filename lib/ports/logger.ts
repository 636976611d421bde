/** Writes structured log lines. They never contain payloads; the implementation redacts secrets. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

/** Returns a logger that adds fields to every line. They are read when a line is written. */
export const withFields = (logger: Logger, common: Record<string, unknown>): Logger => ({
  debug: (message, fields) => logger.debug(message, { ...common, ...fields }),
  info: (message, fields) => logger.info(message, { ...common, ...fields }),
  warn: (message, fields) => logger.warn(message, { ...common, ...fields }),
});
