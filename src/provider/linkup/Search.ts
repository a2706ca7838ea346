import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { AdapterContext, SearchAdapter, SearchReply, SearchRequest } from "../Adapter.ts"
import * as Linkup from "./Linkup.ts"

/** Web search by Linkup. The model is how deep it looks: `standard` or `deep`. */
const Source = Schema.Struct({
  url: Schema.String,
  name: Schema.optionalKey(Schema.NullOr(Schema.String)),
  snippet: Schema.optionalKey(Schema.NullOr(Schema.String)),
  /** What a source of the newer form holds instead of a snippet. */
  content: Schema.optionalKey(Schema.NullOr(Schema.String))
})

const Answer = Schema.Struct({ answer: Schema.String, sources: Schema.Array(Source) })

/** The object itself: the API wraps it in nothing unless it is asked for sources too. */
const Filled = Schema.Record(Schema.String, Schema.Unknown)

const units: SearchReply["units"] = { searches: 1 }

const bodyOf = (request: SearchRequest) => ({
  q: request.query,
  depth: request.wire.modelId,
  includeImages: request.includeImages,
  ...(request.maxResults === undefined ? {} : { maxResults: request.maxResults }),
  ...(request.fromDate === undefined ? {} : { fromDate: request.fromDate }),
  ...(request.toDate === undefined ? {} : { toDate: request.toDate }),
  ...(request.includeDomains === undefined ? {} : { includeDomains: request.includeDomains }),
  ...(request.excludeDomains === undefined ? {} : { excludeDomains: request.excludeDomains })
})

const sourceOf = ({ content, name, snippet, url }: typeof Source.Type): SearchReply["sources"][number] => {
  const title = name ?? ""
  const passage = snippet ?? content ?? ""
  return { url, ...(title === "" ? {} : { title }), ...(passage === "" ? {} : { snippet: passage }) }
}

export const make = (context: AdapterContext): SearchAdapter => {
  const call = Linkup.calling(context)
  const answered = call(Answer)
  const filled = call(Filled)
  return {
    answer: (request) =>
      Effect.map(
        answered("/search", {
          ...bodyOf(request),
          outputType: "sourcedAnswer",
          includeInlineCitations: request.includeInlineCitations
        }, request.wire),
        ({ answer, sources }) => ({ answer, sources: sources.map(sourceOf), units })
      ),
    structured: (request, { schema }) =>
      Effect.map(
        filled("/search", {
          ...bodyOf(request),
          outputType: "structured",
          structuredOutputSchema: JSON.stringify(schema)
        }, request.wire),
        (value) => ({ value, units })
      )
  }
}
