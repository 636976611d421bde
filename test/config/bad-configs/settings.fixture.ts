import { type BadConfig, SETTINGS } from "./words.fixture.ts";

export const BAD_SETTINGS: BadConfig[] = [
  [
    "a mistyped key",
    { "settings.shedule": "rate(1 day)" },
    `settings: unknown key "shedule", did you mean "schedule"? Allowed: ${SETTINGS}`,
  ],
  [
    "a schedule that is none",
    { "settings.schedule": "every day" },
    'settings.schedule: must be cron(...) or rate(...) (it is "every day")',
  ],
  [
    "a timezone that there is not",
    { "settings.timezone": "Mars/Olympus" },
    'settings.timezone: must be an IANA time zone, such as Europe/Vienna (it is "Mars/Olympus")',
  ],
  [
    "durations that are none",
    { "settings.max_wait": "6h", "settings.fresh_after": -1, "settings.request_timeout": 0 },
    'settings.max_wait: expected number (it is "6h")',
    "settings.fresh_after: must be at least 0 (it is -1)",
    "settings.request_timeout: must be more than 0 (it is 0)",
  ],
  [
    "sizes that are none",
    { "settings.file_max_items": 0, "settings.file_max_bytes": 1.5 },
    "settings.file_max_items: must be more than 0 (it is 0)",
    "settings.file_max_bytes: expected whole number (it is 1.5)",
  ],
  ["null", { settings: null }, "settings: expected object (it is null)"],
];
