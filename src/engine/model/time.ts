// Points in time, as the API server writes them.

/** RFC 3339 in UTC, whole seconds: `2026-11-22T01:38:35Z`. */
export type Time = string;
