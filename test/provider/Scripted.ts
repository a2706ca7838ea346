import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { Concept } from "../../src/concept/Concept.ts"
import { Concepts } from "../../src/concept/Concept.ts"
import { outputSchemaOf } from "../../src/concept/JsonSchema.ts"
import type { Connection, InferenceOptions } from "../../src/config/Connection.ts"
import * as InferenceToml from "../../src/config/InferenceToml.ts"
import { fail } from "../../src/failure/PipeFailure.ts"
import * as Reason from "../../src/failure/Reason.ts"
import type { Job, Structure } from "../../src/program/Leaves.ts"
import type { Model, Settings } from "../../src/program/Models.ts"
import type { LanguageAdapter, LanguageRequest, ObjectReply, Reply, Turn } from "../../src/provider/Adapter.ts"
import { checks } from "../../src/provider/Answer.ts"
import { type Calling, language, sending } from "../../src/provider/Calling.ts"
import * as Connections from "../../src/provider/Connections.ts"
import type { Files } from "../../src/provider/Files.ts"
import { ProviderError } from "../../src/provider/transport/ProviderError.ts"

/** Language-model leaves over an adapter whose answers a test writes, with the requests that reached it. */
export interface Message {
  readonly role: "assistant"
  readonly content: string
}

export interface Sent {
  readonly request: LanguageRequest
  readonly turns: ReadonlyArray<Turn<Message>>
}

export type Answer = ProviderError | Partial<Pick<ObjectReply<Message>, "stop" | "units" | "text" | "value">>

export const status = (code: number): ProviderError =>
  new ProviderError({ kind: "status", metadata: { provider: "acme", status: code } })

export const inference = InferenceToml.defaults

export const model = (given: Partial<Model> = {}): Model => ({
  handle: "acme-1",
  family: "llm",
  backend: "acme",
  sdk: "openai",
  modelId: "acme-one",
  inputs: ["text", "images", "pdf"],
  outputs: ["text", "structured"],
  thinking: "none",
  ...given
})

export const note: Concept = {
  ref: "d.Note",
  domain: "d",
  code: "Note",
  description: "a note",
  structure: [
    { name: "title", description: "t", required: true, type: { kind: "text" } },
    { name: "count", description: "c", required: true, type: { kind: "integer" } },
    { name: "remark", description: "r", required: false, type: { kind: "text" } }
  ]
}

export const structure = (plural = false): Structure => {
  const { name, schema } = outputSchemaOf(Concepts.make([note]), "d.Note", plural)
  return { concept: "d.Note", name, schema, concepts: [note] }
}

export const job = (
  given: {
    readonly model?: Model
    readonly settings?: Settings
    readonly prompt?: Partial<Job<"act_llm_gen_text">["prompt"]>
  } = {}
): Job<"act_llm_gen_object"> => ({
  meta: { runId: "r", userId: "u", pipe: "ask", domain: "d", path: "ask#0" },
  setting: { model: given.model ?? model(), settings: { ...given.settings } },
  prompt: { user: "the prompt", images: [], documents: [], ...given.prompt },
  structure: structure()
})

const noFiles: Files["Service"] = {
  read: (_, what) => Effect.fail(fail(new Reason.FileRefused({ what, why: "not_found" })))
}

const connection = (backend: string): Connection => ({
  backend,
  endpoint: "http://127.0.0.1:9",
  apiKey: Redacted.make("secret"),
  extra: {},
  model: (_, handle) => ({ modelId: handle, headers: {}, rules: {} }),
  scrub: (text) => text
})

/** Connections of every backend but `poor`, with the backends that were looked up. */
export const looking = () => {
  const asked: Array<string> = []
  const connections = Connections.make((backend) => {
    asked.push(backend)
    return backend === "poor" ? Result.fail({ variables: ["POOR_KEY"] }) : Result.succeed(connection(backend))
  })
  return { asked, connections }
}

/** An adapter that gives these answers in turn, and keeps what it was asked. */
export const scripted = (
  answers: ReadonlyArray<Answer>,
  passesUrls: LanguageAdapter<Message>["passesUrls"] = { images: false, documents: false }
) => {
  const sent: Array<Sent> = []
  const next = (asked: Sent) =>
    Effect.suspend(() => {
      const answer = answers[sent.length]
      sent.push(asked)
      if (answer === undefined) return Effect.die(`the script has no answer ${sent.length}`)
      return answer instanceof ProviderError ? Effect.fail(answer) : Effect.succeed(answer)
    })
  const reply = (answer: Exclude<Answer, ProviderError>): Reply<Message> => ({
    message: { role: "assistant", content: answer.text ?? `answer ${sent.length}` },
    text: answer.text ?? "",
    stop: answer.stop ?? "complete",
    units: answer.units ?? { input: 10, output: 5 }
  })
  const adapter: LanguageAdapter<Message> = {
    passesUrls,
    text: (request) => Effect.map(next({ request, turns: [] }), reply),
    object: (request, _, turns) =>
      Effect.map(next({ request, turns }), (answer) => ({
        ...reply(answer),
        value: answer.value ?? Result.fail("is not JSON")
      }))
  }
  return { adapter, sent }
}

export const calling = (
  adapter: LanguageAdapter<Message>,
  given: { readonly files?: Files["Service"]; readonly inference?: Partial<InferenceOptions> } = {}
): Pick<Calling, "language" | "files" | "checks" | "inference"> => {
  const options = { ...inference, ...given.inference }
  return {
    language: (called) =>
      Effect.succeed({
        adapter: language(adapter),
        wire: { modelId: called.modelId, headers: {}, rules: {} },
        send: sending(called, options)
      }),
    files: given.files ?? noFiles,
    checks: checks(),
    inference: options
  }
}
