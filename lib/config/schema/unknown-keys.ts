import { z } from "zod";
import { didYouMean } from "../nearest.ts";
import type { ConfigPath } from "../validation-errors.ts";
import { client } from "./client-config.ts";
import { endpoint } from "./endpoint-config.ts";
import { sourceConfig, sourceSettings } from "./index.ts";
import { ADVICE } from "./pasted.ts";
import { resource, resourceDefaults } from "./resource-config.ts";

const unwrap = (schema: z.core.$ZodType): z.core.$ZodType => {
  const { def } = schema as unknown as { def: { innerType?: z.core.$ZodType } };
  return def.innerType === undefined ? schema : unwrap(def.innerType);
};

/** Returns the object schemas that apply at a path of the value. */
const objectsAt = (schema: z.core.$ZodType, path: ConfigPath, value: unknown): z.ZodObject[] => {
  const plain = unwrap(schema);
  if (plain instanceof z.ZodDiscriminatedUnion || plain instanceof z.ZodUnion) {
    const options = (plain.options as z.core.$ZodType[]).flatMap((option) => objectsAt(option, path, value));
    const type = path.length === 0 ? (value as { type?: unknown } | null)?.type : undefined;
    const matching = options.filter(({ shape }) =>
      shape.type === undefined ? type === undefined : shape.type.safeParse(type).success,
    );
    return matching.length > 0 ? matching : options;
  }
  const [key, ...rest] = path;
  if (key === undefined) return plain instanceof z.ZodObject ? [plain] : [];
  const inner = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  if (plain instanceof z.ZodObject) {
    const next = plain.shape[String(key)];
    return next === undefined ? [] : objectsAt(next, rest, inner);
  }
  const isList = Array.isArray(value);
  if (plain instanceof z.ZodArray && isList) return objectsAt(plain.element, rest, inner);
  return plain instanceof z.ZodRecord && !isList ? objectsAt(plain.valueType, rest, inner) : [];
};

/** Parts of a config whose keys are often confused. */
const PARTS: [string, z.ZodObject][] = [
  ["the source", sourceConfig],
  ["the client", client],
  ["a resource", resource],
  ["an endpoint", endpoint],
  ["the settings", sourceSettings],
];
const CONFUSABLE = new Set<z.ZodObject>([...PARTS.map(([, part]) => part), resourceDefaults]);

/** Returns the advice for an unknown key: `: move it to the client.`, `: did you mean "x"?`, or a full stop. */
const adviceFor = (key: string, objects: z.ZodObject[], allowed: string[]): string => {
  const dlt = Object.hasOwn(ADVICE, key) ? ADVICE[key] : undefined;
  if (dlt !== undefined && (dlt.beside === undefined || allowed.includes(dlt.beside))) return `: ${dlt.advice}`;
  const homes = PARTS.filter(([, { shape }]) => Object.hasOwn(shape, key)).map(([name]) => name);
  if (homes.length > 0 && objects.some((object) => CONFUSABLE.has(object))) {
    return `: move it to ${homes.join(" or ")}.`;
  }
  return didYouMean(key, allowed);
};

/** Returns the error of a key that its object does not have, with a suggestion and the allowed keys. */
export const unknownKey = (schema: z.core.$ZodType, path: ConfigPath, value: unknown, key: string): string => {
  const objects = objectsAt(schema, path, value);
  const allowed = [...new Set(objects.flatMap(({ shape }) => Object.keys(shape)))];
  return `unknown key ${JSON.stringify(key)}${adviceFor(key, objects, allowed)} Allowed keys: ${allowed.join(", ")}`;
};
