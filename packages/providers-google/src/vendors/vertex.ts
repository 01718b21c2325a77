/**
 * Gemini on Vertex AI. Documented at cloud.google.com/vertex-ai/generative-ai/docs/learn/locations (the global and
 * regional addresses) and …/docs/start/express-mode/overview (keys without a project). Read on 2026-11-24: the source of
 * @google/genai 3.1 (`v1beta1`, the addresses of `us` and `eu`, `global` where no location is named, the variables).
 */
import type { Vendor } from "../Vendor.js"

export const vertex: Vendor = {
  id: "vertex",
  baseUrl: "https://aiplatform.googleapis.com",
  baseUrlVariable: "GOOGLE_VERTEX_BASE_URL",
  apiKey: { variable: "GOOGLE_API_KEY", preferred: [], optional: true },
  version: "v1beta1",
  withoutPenalties: []
}

/** What names the project, its location and the file of its credentials. */
export const variables = {
  project: "GOOGLE_CLOUD_PROJECT",
  location: "GOOGLE_CLOUD_LOCATION",
  credentials: "GOOGLE_APPLICATION_CREDENTIALS"
} as const

/** The location that serves from wherever there is room. */
export const globalLocation = "global"

const multiRegions: ReadonlyArray<string> = ["us", "eu"]

/** The address of a location. */
export const baseUrlOf = (location: string): string => {
  if (location === globalLocation) return vertex.baseUrl
  const name = encodeURIComponent(location)
  return multiRegions.includes(location)
    ? `https://aiplatform.${name}.rep.googleapis.com`
    : `https://${name}-aiplatform.googleapis.com`
}
