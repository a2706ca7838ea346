import * as Effect from "effect/Effect"
import { subject, tomlText } from "./Build.ts"
import { Ended } from "./Exit.ts"
import * as InputsTemplate from "./InputsTemplate.ts"
import { Streams } from "./Streams.ts"
import type { Kind } from "./Target.ts"
import * as ValidateMethod from "./ValidateMethod.ts"

/** `pipelex-agent validate` and `inputs`. */
export const validate = Effect.fn("AgentChecks.validate")(function*(options: ValidateMethod.ValidateOptions) {
  const streams = yield* Streams
  const verdict = yield* ValidateMethod.judge(options)
  const told = ValidateMethod.toJson(verdict)
  yield* streams.audience.format === "json" ? streams.json(told) : streams.result([
    told.is_runnable ? "# Valid" : "# Valid, not runnable yet",
    "",
    `- bundle: ${told.bundle_path}`,
    `- pipes: ${told.total_pipes}`,
    ...told.validated_pipes.map(({ pipe_ref: ref, status }) => `  - \`${ref}\`: ${status}`),
    ...told.pending_signatures.map((ref) => `- declared and not written: \`${ref}\``),
    ...told.warnings.map((warning) => `- warning: ${warning}`)
  ])
  return yield* ValidateMethod.isAccepted(options, verdict) ? Effect.void : Effect.fail(new Ended({ code: 1 }))
})

export interface InputsOptions {
  readonly kind: Kind
  readonly target: string
  readonly pipe: string | undefined
  readonly libraryDirs: ReadonlyArray<string>
  readonly format: "json" | "toml" | undefined
  readonly explicit: boolean
}

export const inputs = Effect.fn("AgentChecks.inputs")(function*({ explicit, format, ...wanted }: InputsOptions) {
  const streams = yield* Streams
  const { entry, library } = yield* subject(wanted)
  const template = InputsTemplate.of(library, entry, explicit)
  yield* format === "toml"
    ? streams.result([tomlText(template).trimEnd()])
    : streams.json({ success: true, pipe_ref: entry.ref, inputs: template })
})
