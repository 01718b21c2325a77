/** Vendors that speak wires of their own; the first wire of each is the one that a bare name means. */
import type { ChatModel } from "@consortium/core/ChatModel"
import type { ModelError } from "@consortium/core/ModelError"
import * as ClaudeOnBedrock from "@consortium/providers-anthropic/Bedrock"
import * as ClaudeInFoundry from "@consortium/providers-anthropic/Foundry"
import * as Messages from "@consortium/providers-anthropic/Messages"
import { vendors as anthropics } from "@consortium/providers-anthropic/Vendors"
import * as ClaudeOnVertex from "@consortium/providers-anthropic/Vertex"
import * as Converse from "@consortium/providers-bedrock/Converse"
import { bedrock } from "@consortium/providers-bedrock/vendors/bedrock"
import type { TokenError } from "@consortium/providers-google/AccessToken"
import * as GenerateContent from "@consortium/providers-google/GenerateContent"
import { vendors } from "@consortium/providers-google/Vendors"
import * as Vertex from "@consortium/providers-google/Vertex"
import * as AzureChat from "@consortium/providers-openai/AzureChat"
import * as AzureResponses from "@consortium/providers-openai/AzureResponses"
import * as BedrockResponses from "@consortium/providers-openai/BedrockResponses"
import * as Chat from "@consortium/providers-openai/Chat"
import * as Responses from "@consortium/providers-openai/Responses"
import { openai } from "@consortium/providers-openai/Vendor"
import { azure } from "@consortium/providers-openai/vendors/azure"
import type { HttpClient } from "@consortium/wire/HttpClients"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"

export interface Door {
  readonly apiKey: { readonly variable: string }
  readonly baseUrlVariable: string
  readonly wires: Readonly<
    Record<string, (model: string) => Effect.Effect<ChatModel<ModelError>, Config.ConfigError | TokenError, HttpClient>>
  >
}

const { anthropic } = anthropics
const { google, vertex } = vendors

export const ownWires = {
  anthropic: { ...anthropic, wires: { messages: (model) => Messages.makeConfig({ model }) } },
  openai: {
    ...openai,
    wires: { responses: (model) => Responses.makeConfig({ model }), chat: (model) => Chat.makeConfig({ model }) }
  },
  google: { ...google, wires: { "generate-content": (model) => GenerateContent.makeConfig({ model }) } },
  vertex: {
    ...vertex,
    wires: {
      "generate-content": (model) => Effect.provide(Vertex.makeConfig({ model }), NodeFileSystem.layer),
      messages: (model) => Effect.provide(ClaudeOnVertex.makeConfig({ model }), NodeFileSystem.layer)
    }
  },
  bedrock: {
    ...bedrock,
    wires: {
      converse: (model) => Converse.makeConfig({ model }),
      messages: (model) => ClaudeOnBedrock.makeConfig({ model }),
      responses: (model) => BedrockResponses.makeConfig({ model })
    }
  },
  azure: {
    ...azure,
    wires: {
      responses: (model) => AzureResponses.makeConfig({ model }),
      chat: (model) => AzureChat.makeConfig({ model }),
      messages: (model) => ClaudeInFoundry.makeConfig({ model })
    }
  }
} satisfies Readonly<Record<string, Door>>
