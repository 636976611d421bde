import { expect, test } from "vitest";
import { declaredSchema } from "../../lib/columns/table-schema.ts";
import { defineSource } from "../../lib/config/index.ts";
import { findResource, resolveSource } from "../../lib/config/resolve.ts";
import { openCommitLog } from "../../lib/lake/commit-log.ts";
import { firstPosition } from "../../lib/lake/position.ts";
import type { SchemaStore } from "../../lib/lake/schemas.ts";
import { openSeenKeys } from "../../lib/lake/seen-keys.ts";
import { createPartWriter } from "../../lib/parts/writer.ts";
import { address, RUN_ID, startLake } from "../lake/lake.fixture.ts";

const source = resolveSource(
  defineSource({
    name: "shop",
    client: { base_url: "https://api.test", paginator: "single_page" },
    resources: ["orders"],
  }),
);

test("a column that the table does not accept is a SchemaContractError, without a second attempt", async () => {
  await using lake = await startLake();
  const resource = findResource(source, "orders");
  const schema = declaredSchema({}, []);
  let attempts = 0;
  const rejecting: SchemaStore = {
    load: async () => schema,
    add: async () => {
      attempts++;
      return schema;
    },
    fixTypes: async () => schema,
  };
  const first = firstPosition(resource, source.base_url);
  const log = await openCommitLog(lake.ports, address, first, "us");
  const writer = await createPartWriter(lake.ports, log, rejecting, {
    resource,
    settings: source.settings,
    run_id: RUN_ID,
    seen: await openSeenKeys(lake.ports, address, null),
  });
  await expect(writer.add([{ id: 1 }], first)).rejects.toThrow(
    /^the table did not accept new columns \(id as bigint\): report this/,
  );
  expect(attempts).toBe(1);
  writer.discard();
});
