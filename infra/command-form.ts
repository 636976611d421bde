import { IS_REPOSITORY } from "./package-files.ts";

/**
 * Returns a command as the user types it: `npm run sync -- shop` in this repository, `npx restlake sync shop` in a project that
 * installed the package.
 */
export const commandForm = (name: string, args = ""): string => {
  if (!IS_REPOSITORY) return ["npx restlake", name, args].filter((part) => part !== "").join(" ");
  const script = name === "start" ? "npm start" : `npm run ${name}`;
  return args === "" ? script : `${script} -- ${args}`;
};
