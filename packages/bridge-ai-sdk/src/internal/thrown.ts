/** From a failure of ours to what an AI SDK model throws. */
import { APICallError } from "@ai-sdk/provider"
import type { CallFailure } from "@consortium/core/Call"
import type { ChatRequest } from "@consortium/core/ChatModel"
import { ModelError } from "@consortium/core/ModelError"
import * as RequestId from "@consortium/wire/RequestId"
import * as Duration from "effect/Duration"

export interface Context {
  readonly ref: string
  readonly request: ChatRequest | ReadonlyArray<string>
  /** How often the call was really made. */
  readonly attempts: number
  /** @default only a bare vendor's error that was tried once */
  readonly retry: boolean | undefined
}

/** The failure itself is the cause, so that programs can read its reason and a model of ours comes home as it was. */
export const thrown = (failure: CallFailure, { attempts, ref, request, retry }: Context): APICallError => {
  const vendor = failure instanceof ModelError ? failure : undefined
  const { retryAfter } = failure
  const headers = {
    ...(retryAfter !== undefined && { "retry-after-ms": String(Duration.toMillis(retryAfter)) }),
    ...(vendor?.requestId !== undefined && { [RequestId.header]: vendor.requestId })
  }
  return new APICallError({
    message: failure.message,
    url: ref,
    requestBodyValues: request,
    ...(vendor?.status !== undefined && { statusCode: vendor.status }),
    ...(Object.keys(headers).length > 0 && { responseHeaders: headers }),
    isRetryable: failure.isRetryable && (retry ?? (vendor !== undefined && attempts <= 1)),
    data: { tag: failure._tag, ...(vendor !== undefined && { reason: vendor.reason._tag }) },
    cause: failure
  })
}
