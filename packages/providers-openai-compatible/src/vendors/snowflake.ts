/**
 * Snowflake Cortex, of one account. Read on 2026-11-29: docs.snowflake.com/user-guide/snowflake-cortex/open_ai_sdk (the
 * address; a programmatic access token), recorded exchanges (the same path; `reasoning`, `reasoning_details`; an empty
 * finish), models.dev snowflake-cortex of 2026-07-02 (`SNOWFLAKE_ACCOUNT`; Claude takes `reasoning.effort`).
 */
import { define } from "../Vendor.js"

export const snowflake = define({
  id: "snowflake",
  baseUrl: "https://{SNOWFLAKE_ACCOUNT}.snowflakecomputing.com/api/v2/cortex/v1",
  baseUrlVariable: "SNOWFLAKE_BASE_URL",
  apiKey: { variable: "SNOWFLAKE_PAT", optional: false },
  maxTokensField: "max_completion_tokens",
  effortStyle: "object",
  reasoningReplay: "reasoning_details"
})
