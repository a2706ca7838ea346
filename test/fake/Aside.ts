/** The requests around the one that does the work: lists of models, files put up for reading, jobs that are asked for. */
import type { Json } from "../../src/concept/Json.ts"
import { image } from "./Answer.ts"

const models: Json = {
  object: "list",
  data: [{ id: "gpt-4o-mini", object: "model", type: "model", display_name: "gpt-4o-mini" }],
  has_more: false
}

const routes: ReadonlyArray<
  readonly [method: string, path: RegExp, serve: (match: RegExpExecArray, url: string) => Json]
> = [
  ["GET", /\/models$/, () => models],
  [
    "POST",
    /\/files$/,
    () => ({ id: "file_1", object: "file", purpose: "ocr", filename: "file", bytes: 1, created_at: 1_700_000_000 })
  ],
  ["GET", /\/files\/([^/]+)\/url$/, ([, id], url) => ({ url: `${url}/signed/${id}` })],
  ["DELETE", /\/files\/([^/]+)$/, ([, id = ""]) => ({ id, object: "file", deleted: true })],
  ["GET", /\/requests\/([^/]+)\/status$/, ([, id = ""]) => ({ status: "COMPLETED", request_id: id })],
  ["PUT", /\/requests\/([^/]+)\/cancel$/, () => ({ status: "CANCELLATION_REQUESTED" })],
  [
    "GET",
    /\/requests\/[^/]+$/,
    () => ({
      images: [{ url: `data:image/png;base64,${image}`, content_type: "image/png", width: 1, height: 1 }],
      seed: 1,
      has_nsfw_concepts: [false]
    })
  ]
]

export const serve = (method: string, path: string, url: string): Json | undefined => {
  for (const [of, pattern, answer] of routes) {
    const match = of === method ? pattern.exec(path) : null
    if (match !== null) return answer(match, url)
  }
  return undefined
}
