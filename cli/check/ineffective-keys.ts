import type { z } from "zod";
import type { Source } from "../../lib/config/index.ts";
import { oauth2Auth } from "../../lib/config/schema/auth-types.ts";
import { column } from "../../lib/config/schema/column-hints.ts";
import { resource as resourceSchema } from "../../lib/config/schema/resource-config.ts";

/** Returns the keys of a schema that are accepted for compatibility with dlt and have no effect. */
const ineffectiveIn = ({ shape }: z.ZodObject): string[] =>
  Object.entries(shape).flatMap(([key, schema]) => (schema.description?.startsWith("No effect") ? [key] : []));

const RESOURCE_KEYS = ineffectiveIn(resourceSchema);
const COLUMN_HINTS = ineffectiveIn(column);

const AUTH_KEYS = ineffectiveIn(oauth2Auth);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Returns the options of a write disposition that have no effect. */
const ineffectiveOptions = (disposition: Record<string, unknown>): string[] =>
  Object.keys(disposition)
    .filter((key) => key !== "disposition" && disposition[key] !== "insert-only")
    .map((key) => `write_disposition.${key}`);

/** Returns the keys of a source's auths that have no effect. */
const ineffectiveInAuths = (places: unknown[]): string[] => {
  const auths = places.filter(isObject).map(({ auth }) => auth);
  return AUTH_KEYS.filter((key) => auths.filter(isObject).some((auth) => auth[key] != null)).map(
    (key) => `auth.${key}`,
  );
};

/** Returns the keys of a config that have no effect, such as `table_format` and `columns.unique`. */
export const ineffectiveKeys = ({ config }: Source): string[] => {
  const places: unknown[] = [config.resource_defaults, ...config.resources];
  const found = places.filter(isObject).flatMap((place) => {
    const { columns, write_disposition } = place;
    const hints = isObject(columns) ? Object.values(columns).filter(isObject) : [];
    return [
      ...RESOURCE_KEYS.filter((key) => place[key] != null),
      ...(isObject(write_disposition) ? ineffectiveOptions(write_disposition) : []),
      ...COLUMN_HINTS.filter((key) => hints.some((hint) => hint[key] != null)).map((key) => `columns.${key}`),
    ];
  });
  const path = config.resource_defaults?.endpoint?.path == null ? [] : ["resource_defaults.endpoint.path"];
  const endpoints = places.filter(isObject).map(({ endpoint }) => endpoint);
  return [...new Set([...path, ...found, ...ineffectiveInAuths([config.client, ...endpoints])])];
};
