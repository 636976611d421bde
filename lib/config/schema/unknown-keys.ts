import { z } from "zod";
import { didYouMean } from "../nearest.ts";
import type { ConfigPath } from "../validation-errors.ts";
import { client } from "./client.ts";
import { sourceConfig, sourceSettings } from "./index.ts";
import { ADVICE } from "./pasted.ts";
import { endpoint, resource, resourceDefaults } from "./resource.ts";

const unwrap = (schema: z.core.$ZodType): z.core.$ZodType => {
  const { def } = schema as unknown as { def: { innerType?: z.core.$ZodType } };
  return def.innerType === undefined ? schema : unwrap(def.innerType);
};

/** The object schemas that may stand at a path of the value. */
const objectsAt = (schema: z.core.$ZodType, path: ConfigPath, value: unknown): z.ZodObject[] => {
  const plain = unwrap(schema);
  if (plain instanceof z.ZodDiscriminatedUnion || plain instanceof z.ZodUnion) {
    const options = (plain.options as z.core.$ZodType[]).flatMap((option) => objectsAt(option, path, value));
    const type = path.length === 0 ? (value as { type?: unknown } | null)?.type : undefined;
    const fitting = options.filter(({ shape }) =>
      shape.type === undefined ? type === undefined : shape.type.safeParse(type).success,
    );
    return fitting.length > 0 ? fitting : options;
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

/** Parts of a config whose keys are easily taken for those of another. */
const PARTS: [string, z.ZodObject][] = [
  ["the source", sourceConfig],
  ["the client", client],
  ["a resource", resource],
  ["an endpoint", endpoint],
  ["the settings", sourceSettings],
];
const EASILY_TAKEN = new Set<z.ZodObject>([...PARTS.map(([, part]) => part), resourceDefaults]);

/** `: ...`, or `, did you mean "x"?`, or a full stop. */
const hint = (key: string, objects: z.ZodObject[], allowed: string[]): string => {
  const advice = Object.hasOwn(ADVICE, key) ? ADVICE[key] : undefined;
  if (advice !== undefined && (advice.beside === undefined || allowed.includes(advice.beside)))
    return `: ${advice.say}`;
  const homes = PARTS.filter(([, { shape }]) => Object.hasOwn(shape, key)).map(([name]) => name);
  if (homes.length > 0 && objects.some((object) => EASILY_TAKEN.has(object))) {
    return `: it belongs into ${homes.join(" or ")}.`;
  }
  return didYouMean(key, allowed);
};

/** What is told of a key that its object does not have: what is meant, and what is allowed. */
export const unknownKey = (schema: z.core.$ZodType, path: ConfigPath, value: unknown, key: string): string => {
  const objects = objectsAt(schema, path, value);
  const allowed = [...new Set(objects.flatMap(({ shape }) => Object.keys(shape)))];
  return `unknown key ${JSON.stringify(key)}${hint(key, objects, allowed)} Allowed: ${allowed.join(", ")}`;
};
