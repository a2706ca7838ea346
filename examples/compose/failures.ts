import { Effect } from "effect"
import { Concept, Direct, Pipe } from "pipelex-effect"

const summarize = Pipe.llm("notes.summarize", {
  inputs: { note: Concept.Text },
  output: Concept.Text,
  prompt: "Summarize in one line:\n@note"
})

export const program = summarize({ note: { text: "The door of room 4 does not close." } }).pipe(
  Effect.map(({ text }) => text),
  // By why it failed: reasons are a closed union, each with its own facts.
  Effect.catchReasons("PipeFailure", {
    RateLimited: ({ retryAfterSeconds = 60 }) => Effect.succeed(`come back in ${retryAfterSeconds} s`),
    CredentialRefused: ({ provider }) => Effect.succeed(`the key of ${provider} is refused`)
  }),
  // By what kind of thing went wrong, whatever the reason.
  Effect.catchTag("PipeFailure", (failure) =>
    failure.category === "content"
      ? Effect.succeed(`${failure.code}: ${failure.suggestedAction.detail}`)
      : Effect.fail(failure))
)

if (import.meta.main) {
  const line = await Effect.runPromise(Effect.provide(program, Direct.layer))
  process.stdout.write(`${line}\n`)
}
