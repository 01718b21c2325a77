/** AWS Bedrock, as `@consortium/aws` knows it; how much one call takes is said by family. */
import { tokenVariable } from "@consortium/aws/Access"
import { bedrockRuntimeVariable } from "@consortium/aws/Region"

/** As users name it in `vendor/model`, and the variables that say how it is called. */
export const bedrock = {
  id: "bedrock",
  apiKey: { variable: tokenVariable, optional: true },
  baseUrlVariable: bedrockRuntimeVariable
}
