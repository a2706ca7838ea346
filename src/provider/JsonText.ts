import * as Result from "effect/Result"

/**
 * The JSON of an answer that is text. Models that write it freely put it between fences, or a sentence around it; both are passed over.
 */
const fence = /```(?:json)?\s*\n([\s\S]*?)```/i

/** Where the JSON may be: all of the text, a fenced part of it, all from its first brace to its last. */
const places: ReadonlyArray<(text: string) => string> = [
  (text) => text,
  (text) => fence.exec(text)?.[1] ?? "",
  (text) => text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1)
]

const parsed = (text: string): Result.Result<unknown, string> =>
  Result.try({ try: (): unknown => JSON.parse(text), catch: () => "is not JSON" })

/** What the text says, or that it is not JSON: never a part of it. */
export const read = (text: string): Result.Result<unknown, string> => {
  if (text.trim() === "") return Result.fail("is empty")
  return places.reduce<Result.Result<unknown, string>>(
    (found, place) => Result.isSuccess(found) ? found : parsed(place(text)),
    Result.fail("is not JSON")
  )
}
