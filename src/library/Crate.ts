import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Concepts } from "../concept/Concept.ts"
import { type JsonObject, textOf } from "../concept/Json.ts"
import type { Issue } from "../failure/Issue.ts"
import { toReason } from "../failure/IssueReport.ts"
import * as Reason from "../failure/Reason.ts"
import * as Pipe from "../pipe/Pipe.ts"
import type { ModelTable } from "../program/Models.ts"
import type { Crate, CratePipe } from "../program/PipeRunner.ts"
import type { Defined } from "./Definitions.ts"
import { build, type Library } from "./Library.ts"

/**
 * A method as plain data, whole or the part that some pipes need: what composed pipes carry, and what crosses a process boundary.
 * References in it are already followed, so it compiles to the same programs wherever it is read.
 */
export const of = (library: Library, roots?: Iterable<string>): Crate => {
  const pipes: Record<string, CratePipe> = {}
  // An input may be of a concept that no pipe names, so a whole method keeps all of them.
  const concepts = new Set<string>(roots === undefined ? library.concepts.all().map(({ ref }) => ref) : [])
  const add = (ref: string): void => {
    const defined = library.pipes.get(ref)
    if (defined === undefined || Object.hasOwn(pipes, ref)) return
    const links = Pipe.references(defined.blueprint).flatMap(({ ref: written }) => {
      const target = library.surroundings.find(defined, written)
      return target === undefined ? [] : [[written, target.ref] as const]
    })
    pipes[ref] = entry(defined, Object.fromEntries(links))
    for (const slot of [...defined.inputs.values(), defined.output]) concepts.add(slot.concept)
    for (const [, target] of links) add(target)
  }
  for (const ref of roots ?? library.pipes.keys()) add(ref)
  return { concepts: library.concepts.slice(concepts), pipes, compat: library.surroundings.compat }
}

const entry = (
  { blueprint, code, domain, inputs, output, placed, systemPrompt }: Defined,
  links: Readonly<Record<string, string>>
): CratePipe => ({
  code,
  domain,
  blueprint: encode(blueprint),
  inputs: Object.fromEntries(inputs),
  output,
  links,
  ...(placed.unit.package === undefined ? {} : { package: placed.unit.package }),
  ...(systemPrompt === undefined ? {} : { systemPrompt }),
  ...(placed.isUnchecked ? { isUnchecked: true } : {})
})

const encode = (blueprint: Pipe.Blueprint): JsonObject =>
  Schema.encodeSync(Pipe.kinds[blueprint.type].Blueprint)(blueprint)

const decode = (blueprint: JsonObject): Pipe.Blueprint | undefined => {
  const type = textOf(blueprint, "type")
  if (!Pipe.isPipeType(type)) return undefined
  const schema: Schema.ConstraintDecoder<Pipe.Blueprint> = Pipe.kinds[type].Blueprint
  const decoded = Schema.decodeResult(schema, { onExcessProperty: "error" })(blueprint)
  return Result.isSuccess(decoded) ? decoded.success : undefined
}

const define = (ref: string, pipe: CratePipe, blueprint: Pipe.Blueprint): Defined => {
  const { code, domain, inputs, output, systemPrompt } = pipe
  const unit = { bundles: [], links: new Map(), ...(pipe.package === undefined ? {} : { package: pipe.package }) }
  return {
    ref,
    code,
    domain,
    blueprint,
    inputs: new Map(Object.entries(inputs)),
    output,
    placed: { unit, domain, code, ref, blueprint, file: ref, isUnchecked: pipe.isUnchecked === true },
    ...(systemPrompt === undefined ? {} : { systemPrompt })
  }
}

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((item) => typeof item === "string")

/** Why nothing of this can run: the method is not valid, or a model that it names lacks its credentials here. */
export const reasonOf = (issues: ReadonlyArray<Issue>): Reason.Reason => {
  const isInvalid = issues.some(({ code }) => code !== "pipelex.config.credential_missing")
  const { backend, model, variables } = issues[0]?.params ?? {}
  return !isInvalid && typeof backend === "string" && typeof model === "string" && isTexts(variables)
    ? new Reason.CredentialMissing({ model, backend, variables })
    : toReason(issues)
}

/** Compiles a crate. Its faults are the faults of whoever wrote the pipes in it. */
export const compile = (
  crate: Crate,
  options: { readonly models: ModelTable; readonly functions?: ReadonlySet<string> }
): Result.Result<Library, Reason.Reason> => {
  const issues: Array<Issue> = []
  const pipes = new Map<string, Defined>()
  for (const [ref, pipe] of Object.entries(crate.pipes)) {
    const blueprint = decode(pipe.blueprint)
    if (blueprint === undefined) {
      issues.push({
        code: "method.schema_violation",
        path: ["pipe", ref],
        pipe: pipe.code,
        message: `pipe "${ref}" is malformed`
      })
      continue
    }
    const context = {
      domain: pipe.domain,
      compat: crate.compat,
      ...(pipe.systemPrompt === undefined ? {} : { systemPrompt: pipe.systemPrompt })
    }
    issues.push(...Pipe.validate(pipe.code, blueprint, context))
    pipes.set(ref, define(ref, pipe, blueprint))
  }
  const made = build(
    {
      concepts: Concepts.make(crate.concepts),
      pipes,
      domains: new Map(),
      find: (from, reference) => {
        const target = crate.pipes[from.ref]?.links[reference]
        return target === undefined ? undefined : pipes.get(target)
      }
    },
    { ...options, compat: crate.compat },
    issues
  )
  return made.library === undefined ? Result.fail(reasonOf(made.issues)) : Result.succeed(made.library)
}
