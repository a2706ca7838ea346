import * as Slot from "../concept/Slot.ts"
import type { Issue } from "../failure/Issue.ts"
import { closest, didYouMean } from "../failure/Suggest.ts"
import type { Definition } from "../pipe/Definition.ts"
import { slotText } from "../pipe/Header.ts"
import * as Pipe from "../pipe/Pipe.ts"
import type { Merged, Placed } from "./Merge.ts"
import { isOlderNative, type PipeTarget, placeOf, type Resolver } from "./Resolve.ts"

/** A definition with the place it comes from. */
export interface Defined extends Definition<Pipe.Blueprint> {
  readonly placed: Placed<Pipe.Blueprint>
}

type PlacedPipe = Placed<Pipe.Blueprint>

/** What an unresolved reference is taken for, so that one fault does not cause others. */
const stand = "native.Dynamic"

const at = (
  placed: PlacedPipe,
  path: ReadonlyArray<string | number>
): Pick<Issue, "path" | "pipe" | "domain" | "file"> => ({
  path: ["pipe", placed.code, ...path],
  pipe: placed.code,
  domain: placed.domain,
  file: placed.file
})

/** What is declared but could not be understood may still be what was meant. */
const brokenNames = ({ broken }: Merged): ReadonlyArray<string> =>
  Array.from(broken).flatMap((ref) => [ref, ref.slice(ref.lastIndexOf(".") + 1)])

const resolveSlot = (
  placed: PlacedPipe,
  text: string,
  role: "input" | "output",
  path: ReadonlyArray<string>,
  merged: Merged,
  resolver: Resolver,
  issues: Array<Issue>
): Slot.Slot => {
  const slot = Slot.parse(text, role)
  if (typeof slot === "string") return { concept: stand, multiplicity: "single", presence: "plain" }
  const concept = resolver.concept(slot.concept, placeOf(placed))
  if (concept !== undefined) {
    if (isOlderNative(slot.concept, concept)) {
      issues.push({
        code: "method.concept_unresolved",
        warning: "older_spelling",
        ...at(placed, path),
        message: `"${slot.concept}" is an older name of ${concept.slice(concept.lastIndexOf(".") + 1)}`
      })
    }
    return { ...slot, concept: merged.broken.has(concept) ? stand : concept }
  }
  const candidates = [
    ...Array.from(merged.concepts.values()).flatMap(({ code, ref }) => [code, ref]),
    ...brokenNames(merged)
  ]
  const suggestions = closest(slot.concept, candidates)
  const isInput = role === "input"
  issues.push({
    code: "method.concept_unresolved",
    type: "unresolved_concept",
    ...at(placed, path),
    names: [slot.concept],
    suggestions,
    message: `${
      isInput ? `input "${path.at(-1)}"` : "the output"
    } of pipe "${placed.code}" is of concept "${slot.concept}", which does not exist${didYouMean(suggestions)}`,
    fix: suggestions[0] === undefined
      ? `declare [concept.${slot.concept.replace(/^.*\./, "")}]`
      : `write ${suggestions[0]}`,
    params: { concept: slot.concept }
  })
  return { ...slot, concept: stand }
}

/** Every pipe with its slots resolved. */
export const define = (merged: Merged, resolver: Resolver, issues: Array<Issue>): ReadonlyMap<string, Defined> => {
  const definitions = new Map<string, Defined>()
  for (const placed of merged.pipes.values()) {
    const { blueprint, code, domain, ref, unit } = placed
    const inputs = new Map(
      Object.entries(blueprint.inputs).map(([name, slot]) =>
        [name, resolveSlot(placed, slotText(slot), "input", ["inputs", name], merged, resolver, issues)] as const
      )
    )
    const output = resolveSlot(placed, blueprint.output, "output", ["output"], merged, resolver, issues)
    const { systemPrompt } = merged.domains.get(unit.package === undefined ? domain : `${unit.package}->${domain}`) ??
      {}
    definitions.set(ref, {
      ref,
      code,
      domain,
      blueprint,
      inputs,
      output,
      placed,
      ...(systemPrompt === undefined ? {} : { systemPrompt })
    })
  }
  return definitions
}

const unresolvedPipe = (
  placed: PlacedPipe,
  ref: string,
  path: ReadonlyArray<string | number>,
  target: PipeTarget,
  merged: Merged
): Issue | undefined => {
  switch (target.kind) {
    case "found":
      return target.isElsewhere
        ? {
          code: "method.pipe_unresolved",
          warning: "older_spelling",
          ...at(placed, path),
          message: `"${ref}" is found in another domain; qualify it as ${target.ref}`
        }
        : undefined
    case "package":
      return {
        code: "method.dependency_missing",
        type: "unresolved_package_dependency",
        ...at(placed, path),
        names: [target.package],
        params: { kind: "package", name: target.package },
        message: `package "${target.package}" of "${ref}" is not found`,
        fix: "put it under .mthds/methods/<name>/ beside the method, or under ~/.mthds/methods/"
      }
    case "private":
      return {
        code: "method.pipe_not_exported",
        type: "unexported_pipe_dependency",
        ...at(placed, path),
        names: [target.ref],
        message: `pipe "${target.ref}" is not exported`,
        fix: "list it under [exports] of the METHODS.toml it belongs to"
      }
    case "ambiguous":
      return {
        code: "method.pipe_unresolved",
        type: "unresolved_pipe_dependency",
        ...at(placed, path),
        names: [ref, ...target.candidates],
        suggestions: target.candidates,
        message: `pipe "${placed.code}" refers to "${ref}", which several domains have: ${
          target.candidates.join(", ")
        }`,
        fix: "qualify it with a domain"
      }
    case "missing": {
      const candidates = [
        ...Array.from(merged.pipes.values()).flatMap((pipe) => [pipe.code, pipe.ref]),
        ...brokenNames(merged)
      ]
      const suggestions = closest(ref, candidates)
      return {
        code: "method.pipe_unresolved",
        type: "unresolved_pipe_dependency",
        ...at(placed, path),
        names: [target.wanted],
        suggestions,
        params: { pipe: placed.code, missing: target.wanted },
        message: `pipe "${placed.code}" refers to "${ref}", which does not exist${didYouMean(suggestions)}`,
        fix: suggestions[0] === undefined ? `declare [pipe.${ref.replace(/^.*\./, "")}]` : `write ${suggestions[0]}`
      }
    }
    default:
      return undefined
  }
}

/** Follows the pipe references of every pipe. */
export const link = (
  definitions: ReadonlyMap<string, Defined>,
  merged: Merged,
  resolver: Resolver,
  issues: Array<Issue>
): (from: Definition, reference: string) => Defined | undefined => {
  for (const { blueprint, placed } of definitions.values()) {
    for (const { path, ref } of Pipe.references(blueprint)) {
      const issue = unresolvedPipe(placed, ref, path, resolver.pipe(ref, placeOf(placed)), merged)
      if (issue !== undefined) issues.push(issue)
    }
  }
  return (from, reference) => {
    const defined = definitions.get(from.ref)
    if (defined === undefined) return undefined
    const target = resolver.pipe(reference, placeOf(defined.placed))
    return target.kind === "found" ? definitions.get(target.ref) : undefined
  }
}
