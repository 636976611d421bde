import { type BadConfig, SETTINGS } from "./messages.fixture.ts";

export const BAD_SETTINGS: BadConfig[] = [
  [
    "a misspelled key",
    { "settings.shedule": "rate(1 day)" },
    `settings: unknown key "shedule": did you mean "schedule"? Allowed keys: ${SETTINGS}`,
  ],
  [
    "an invalid schedule",
    { "settings.schedule": "every day" },
    'settings.schedule: expected cron(...) or rate(...), got "every day"',
  ],
  [
    "an unknown time zone",
    { "settings.timezone": "Mars/Olympus" },
    'settings.timezone: expected IANA time zone, such as Europe/Vienna, got "Mars/Olympus"',
  ],
  [
    "invalid durations",
    { "settings.max_wait": "6h", "settings.fresh_after": -1, "settings.request_timeout": 0 },
    'settings.max_wait: expected number, got "6h"',
    "settings.fresh_after: expected at least 0, got -1",
    "settings.request_timeout: expected more than 0, got 0",
  ],
  [
    "invalid sizes",
    { "settings.file_max_items": 0, "settings.file_max_bytes": 1.5 },
    "settings.file_max_items: expected more than 0, got 0",
    "settings.file_max_bytes: expected integer, got 1.5",
  ],
  ["null instead of settings", { settings: null }, "settings: expected object, got null"],
];
