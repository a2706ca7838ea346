import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { AdapterContext, ExtractAdapter } from "../Adapter.ts"
import { ProviderError } from "../transport/ProviderError.ts"
import * as Linkup from "./Linkup.ts"

/** Web pages as Markdown, fetched by Linkup. Pictures on the page are left out: it gives their addresses, not their bytes. */
const Fetched = Schema.Struct({
  markdown: Schema.String,
  rawHtml: Schema.optionalKey(Schema.NullOr(Schema.String))
})

export const make = (context: AdapterContext): ExtractAdapter => {
  const fetched = Linkup.calling(context)(Fetched)
  return {
    passesUrls: true,
    extract: ({ file, includeRawHtml, renderJs, wire }) =>
      file._tag === "Bytes"
        ? Effect.fail(
          new ProviderError({
            kind: "unknown",
            metadata: { provider: Linkup.provider, message: "only pages of the web are fetched" }
          })
        )
        : Effect.map(
          fetched("/fetch", {
            url: file.url,
            ...(renderJs === undefined ? {} : { renderJs }),
            ...(includeRawHtml === undefined ? {} : { includeRawHtml })
          }, wire),
          ({ markdown, rawHtml }) => ({
            pages: [{ text: markdown, images: [], ...(typeof rawHtml === "string" ? { rawHtml } : {}) }],
            units: { pages: 1 }
          })
        )
  }
}
