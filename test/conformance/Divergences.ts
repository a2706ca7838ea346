/**
 * Where this runtime means to differ from the recorded one. Each rule recognises a case by what its method holds and by how it
 * differs, never by its name, so that it holds for cases not seen. A diverged case is neither passed nor failed.
 */
import type { JsonObject } from "../../src/concept/Json.ts"
import * as PipeBatch from "../../src/pipe/PipeBatch.ts"
import * as PipeCondition from "../../src/pipe/PipeCondition.ts"
import * as PipeImgGen from "../../src/pipe/PipeImgGen.ts"
import * as PipeParallel from "../../src/pipe/PipeParallel.ts"
import * as PipeSequence from "../../src/pipe/PipeSequence.ts"
import type { Step } from "../../src/pipe/Step.ts"
import type { Method } from "../../src/source/Method.ts"
import { impureFilters } from "../../src/template/Category.ts"
import { list, object } from "./Corpus.ts"

export interface Evidence {
  readonly method: Method | undefined
  /** `expected/outcome.json`, or the verdict. */
  readonly recorded: JsonObject
  readonly difference: string
}

export interface Divergence {
  readonly name: string
  readonly spec: string
  readonly reason: string
  readonly recognises: (evidence: Evidence) => boolean
}

type Pipes = ReadonlyArray<
  readonly [
    code: string,
    blueprint: Method["bundles"][number]["pipes"] extends ReadonlyMap<string, infer Blueprint> ? Blueprint : never
  ]
>

const pipes = (method: Method | undefined): Pipes =>
  (method?.bundles ?? []).flatMap(({ pipes: declared }) => Array.from(declared))

const steps = (method: Method | undefined): ReadonlyArray<Step> =>
  pipes(method).flatMap(([, blueprint]) =>
    blueprint instanceof PipeSequence.Blueprint
      ? blueprint.steps
      : blueprint instanceof PipeParallel.Blueprint
      ? blueprint.branches
      : []
  )

const bare = (ref: string): string => ref.replace(/^.*[.>]/, "")

const isSequence = (method: Method | undefined, ref: string): boolean =>
  pipes(method).some(([code, blueprint]) => code === bare(ref) && blueprint instanceof PipeSequence.Blueprint)

/** Names that a calling step gives to the result of a sequence. */
const namedSequences = (method: Method | undefined): ReadonlyArray<string> =>
  steps(method).flatMap(({ pipe, result }) =>
    pipe !== undefined && result !== undefined && isSequence(method, pipe) ? [result] : []
  )

const hasCause = (recorded: JsonObject, name: string): boolean =>
  list(recorded["cause_chain"]).some((cause) => object(cause)["class"] === name)

const isSource = (method: Method | undefined, pattern: RegExp): boolean =>
  method?.tree.bundles.some(({ text }) => pattern.test(text)) === true

/** Recorded as good, refused by ours with this code. */
const refuses = (difference: string, code: string): boolean =>
  difference.startsWith(`verdict: recorded valid, ours ${code}`) ||
  (difference.startsWith("outcome: recorded ok, ours method.invalid") ||
    difference.startsWith(`outcome: recorded ok, ours ${code}`))

export const divergences: ReadonlyArray<Divergence> = [
  {
    name: "nested-sequence-result",
    spec: "language.md §7.2",
    reason:
      "the result that a step gives to a sequence holds the sequence's value; the reference leaves the name empty",
    recognises: ({ difference, method, recorded }) => {
      const names = namedSequences(method)
      return (recorded["code"] === "pipe.input_unresolved" && names.length > 0 &&
        difference === "outcome: recorded pipe.input_unresolved, ours ok") ||
        (/^(?:main_stuff_name|memory names|aliases)/.test(difference) &&
          names.some((name) => difference.includes(`"${name}"`)))
    }
  },
  {
    name: "condition-alias-stored",
    spec: "language.md §7.4",
    reason: "an alias to a name that is not in memory stores the evaluated text; the reference fails at run time",
    recognises: ({ difference, method, recorded }) =>
      difference === "outcome: recorded runtime.unexpected, ours ok" &&
      hasCause(recorded, "WorkingMemoryConsistencyError") &&
      pipes(method).some(([, blueprint]) =>
        blueprint instanceof PipeCondition.Blueprint && blueprint.add_alias_from_expression_to !== undefined
      )
  },
  {
    name: "pure-templates",
    spec: "language.md §8.1",
    reason: "a render gives the same text each time: what prints random items is refused at load",
    recognises: ({ difference }) =>
      Array.from(impureFilters).some((name) => difference.includes(`"${name}" is not allowed in a template`))
  },
  {
    name: "missing-package-named",
    spec: "language.md §14.2, unresolved_package_dependency",
    reason:
      "a step into a package that is not there is reported as that; the reference passes over the step and reports what it would have stored",
    recognises: ({ difference, method }) =>
      /^faults: recorded method\.\w+ at "(\w+)", ours .*method\.dependency_missing at "\1"/.test(difference) &&
      steps(method).some(({ pipe }) => pipe?.includes("->") === true)
  },
  {
    name: "reserved-domain",
    spec: "language.md §1.2",
    reason:
      "a domain named after the language is refused in a single file too; the reference refuses it in folders only",
    recognises: ({ difference, method }) =>
      refuses(difference, "method.schema_violation") &&
      isSource(method, /^\s*domain\s*=\s*["'](?:native|mthds|pipelex)(?:\.[^"']*)?["']/m)
  },
  {
    name: "images-without-count",
    spec: "language.md §6.3",
    reason:
      "a PipeImgGen that does not say how many images to make is refused at load; the reference fails at run time",
    recognises: ({ difference, method }) =>
      /says? how many images/.test(difference) &&
      pipes(method).some(([, blueprint]) =>
        blueprint instanceof PipeImgGen.Blueprint && blueprint.output.endsWith("[]")
      )
  },
  {
    name: "image-size-from-bytes",
    spec: "inference-and-config.md §8",
    reason: "the size of a generated image is that of its bytes; the reference tells the size that was asked for",
    recognises: ({ difference, method }) =>
      /\.(?:width|height): recorded \d+, ours \d+$/.test(difference) &&
      pipes(method).some(([, blueprint]) => blueprint instanceof PipeImgGen.Blueprint)
  },
  {
    name: "item-type-names-concept",
    spec: "language.md §2.4",
    reason: "item_type naming a concept makes a list of it; the reference makes a list of anything",
    recognises: ({ difference, method }) =>
      /^(?:request \d+ structure schema|contracts)/.test(difference) &&
      isSource(method, /\bitem_type\s*=\s*["'](?:[a-z][\w.]*\.)?[A-Z]\w*["']/)
  },
  {
    name: "no-host-representation",
    spec: "language.md §8.5",
    reason: "a list of contents prints as Markdown; the reference prints the constructors of its classes",
    recognises: ({ difference }) =>
      /^(?:request \d+ (?:text|system)|main|memory)[^]*?: recorded "[^]*\b(?:\w+__[A-Z]\w*|[A-Z]\w*Content)\(\w+=/.test(
        difference
      )
  },
  {
    name: "batch-drained",
    spec: "resilience.md §5",
    reason:
      "after a first failure nothing new of a batch starts and what runs is awaited; the reference awaits its whole chunk of items",
    recognises: ({ difference, method, recorded }) =>
      recorded["status"] === "error" && /^request(?:s: recorded \d+, ours \d+| \d+: ours asks)/.test(difference) &&
      (pipes(method).some(([, blueprint]) => blueprint instanceof PipeBatch.Blueprint) ||
        steps(method).some((step) => step.batch_over !== undefined))
  },
  {
    name: "refusal-recognised",
    spec: "resilience.md §4",
    reason: "an answer that carries a refusal is refused content; the reference calls it unusable or unexpected",
    recognises: ({ difference }) =>
      /^code: recorded (?:provider\.response_invalid|runtime\.unexpected), ours model\.content_refused/.test(difference)
  },
  {
    name: "truncation-recognised",
    spec: "resilience.md §4",
    reason:
      "an answer that was cut at the output limit is never asked again; the reference asks again, or takes it, where its library hides the cut",
    recognises: ({ difference }) =>
      /^(?:code: recorded model\.output_schema_mismatch|outcome: recorded ok), ours model\.output_truncated/.test(
        difference
      )
  },
  {
    name: "unfit-answer-named",
    spec: "resilience.md §4",
    reason:
      "an answer without the object that was asked for does not fit, however often it is asked again; the reference has no name for it where no call was made",
    recognises: ({ difference, recorded }) =>
      recorded["category"] === "unknown" && recorded["provider_metadata"] !== undefined &&
      difference.startsWith("code: recorded runtime.unexpected, ours model.output_schema_mismatch")
  },
  {
    name: "unreadable-answer-named",
    spec: "resilience.md §6.3",
    reason:
      "a good status with a body that cannot be read is an invalid response; the reference lets its parser's error through",
    recognises: ({ difference, recorded }) =>
      recorded["category"] === null && recorded["provider_metadata"] === null &&
      difference.startsWith("code: recorded runtime.unexpected, ours provider.response_invalid")
  },
  {
    name: "stream-error-classified",
    spec: "resilience.md §6.3",
    reason:
      "an error event in a stream is classified as the status its type stands for; the reference calls it unknown because the stream began with 200",
    recognises: ({ difference, recorded }) =>
      object(recorded["provider_metadata"])["status_code"] === 200 &&
      /^code: recorded provider\.response_invalid, ours provider\.(?!response_invalid)/.test(difference)
  },
  {
    name: "stream-cut-is-network",
    spec: "resilience.md §6.3",
    reason:
      "a stream that ends before its message does is a network failure; the reference takes what came for an empty answer",
    recognises: ({ difference, recorded }) =>
      recorded["provider_metadata"] === null && recorded["category"] === "content" &&
      difference.startsWith("code: recorded provider.response_invalid, ours provider.unavailable")
  },
  {
    name: "long-wait-surfaced",
    spec: "resilience.md §3.4",
    reason: "a provider that asks to wait for more than a minute fails the run at once; the reference waits",
    recognises: ({ difference, recorded }) =>
      recorded["error_class"] === "RecorderGaveUpAfter45s" && / ours provider\.rate_limited/.test(difference)
  },
  {
    name: "quota-not-retried",
    spec: "resilience.md §3.5",
    reason: "a used-up quota is refused once; the reference's client repeats every 429",
    recognises: ({ difference, recorded }) =>
      recorded["code"] === "provider.quota_exhausted" && difference === "attempts: recorded 3, ours 1"
  }
]

export const find = (evidence: Evidence): Divergence | undefined =>
  divergences.find(({ recognises }) => recognises(evidence))
