import * as ConceptBlueprint from "../bundle/ConceptBlueprint.ts"
import { type Concept, Concepts } from "../concept/Concept.ts"
import type { Json } from "../concept/Json.ts"
import * as Moment from "../concept/Moment.ts"
import { type Field, type FieldType, refsOf, type Scalar } from "../concept/Structure.ts"
import type { Issue } from "../failure/Issue.ts"
import { closest, didYouMean } from "../failure/Suggest.ts"
import type { Merged, Placed } from "./Merge.ts"
import { placeOf, type Resolver } from "./Resolve.ts"

const isScalar = (name: string | undefined): name is Scalar =>
  ConceptBlueprint.scalarTypes.some((scalar) => scalar === name)

type FieldTable = ConceptBlueprint.FieldTable
type PlacedConcept = Placed<ConceptBlueprint.ConceptBlueprint>

const unresolved = (
  placed: PlacedConcept,
  path: ReadonlyArray<string>,
  ref: string,
  candidates: Iterable<string>
): Issue => {
  const suggestions = closest(ref, candidates)
  // A reference into another domain is only followed when the concept is built.
  const kind = /^[^.]+\.[^.]/.test(ref)
    ? { code: "method.concept_invalid" as const }
    : { code: "method.concept_unresolved" as const, type: "unresolved_concept" }
  return {
    ...kind,
    path: ["concept", placed.code, ...path],
    concept: placed.code,
    domain: placed.domain,
    file: placed.file,
    names: [ref],
    suggestions,
    message: `concept "${placed.code}" refers to "${ref}", which does not exist${didYouMean(suggestions)}`,
    params: { concept: ref }
  }
}

/** Builds the concepts of a library from its blueprints, with every reference qualified. */
export const build = (merged: Merged, resolver: Resolver, issues: Array<Issue>): Concepts => {
  const names = Array.from(merged.concepts.values()).flatMap(({ code, ref }) => [code, ref])

  const fieldType = (placed: PlacedConcept, at: ReadonlyArray<string>, field: FieldTable): FieldType => {
    const ref = (key: string, text: string): FieldType => {
      const found = resolver.concept(text, placeOf(placed))
      if (found !== undefined) return { kind: "concept", ref: found }
      issues.push(unresolved(placed, [...at, key], text, names))
      return { kind: "any" }
    }
    if (field.choices !== undefined && field.choices.length > 0) return { kind: "choices", choices: field.choices }
    if (field.type === "concept") return ref("concept_ref", field.concept_ref ?? "")
    if (field.type === "dict") return { kind: "dict", value: scalar(field.value_type) }
    if (field.type !== "list") return scalar(field.type)
    if (field.item_type === "concept") {
      return { kind: "list", item: ref("item_concept_ref", field.item_concept_ref ?? "") }
    }
    const named = field.item_type === undefined || isScalar(field.item_type)
      ? undefined
      : resolver.concept(field.item_type, placeOf(placed))
    return { kind: "list", item: named === undefined ? scalar(field.item_type) : { kind: "concept", ref: named } }
  }

  const structure = (
    placed: PlacedConcept,
    written: Readonly<Record<string, string | FieldTable>>
  ): ReadonlyArray<Field> =>
    Object.entries(written).map(([name, field]) => {
      if (typeof field === "string") return { name, description: field, type: { kind: "text" }, required: true }
      const type = fieldType(placed, ["structure", name], field)
      const fallback = defaultOf(field, type)
      const { description, required } = field
      return fallback === undefined
        ? { name, description, type, required: required === true }
        : { name, description, type, required: false, default: fallback }
    })

  const concept = (placed: PlacedConcept): Concept => {
    const { blueprint, code, domain, ref, unit } = placed
    const base = {
      ref,
      domain,
      code,
      description: blueprint.description,
      ...(unit.package === undefined ? {} : { package: unit.package })
    }
    if (typeof blueprint.structure === "object") return { ...base, structure: structure(placed, blueprint.structure) }
    if (blueprint.isBare) return base
    const refined = blueprint.refines === undefined
      ? "native.Text"
      : resolver.concept(blueprint.refines, placeOf(placed))
    if (refined === undefined) {
      issues.push(unresolved(placed, ["refines"], blueprint.refines ?? "", names))
      return base
    }
    if (refined === "native.Anything") {
      issues.push({
        code: "method.concept_invalid",
        path: ["concept", placed.code, "refines"],
        concept: placed.code,
        domain: placed.domain,
        file: placed.file,
        names: [refined],
        message: `concept "${placed.code}" cannot refine Anything, which has no structure`
      })
      return base
    }
    return { ...base, refines: merged.broken.has(refined) ? "native.Text" : refined }
  }

  const declared = Array.from(merged.concepts.values(), (placed) => [placed, concept(placed)] as const)
  const cyclic = cycles(declared.map(([, made]) => made))
  for (const [placed, { ref }] of declared) {
    const through = cyclic.get(ref)
    if (through !== undefined) {
      issues.push({
        code: "method.cycle",
        path: ["concept", placed.code],
        concept: placed.code,
        domain: placed.domain,
        file: placed.file,
        names: through,
        message: `concept "${placed.code}" depends on itself: ${through.join(" → ")}`
      })
    }
  }
  return Concepts.make(declared.map(([, made]) => cyclic.has(made.ref) ? withoutEdges(made) : made))
}

const scalar = (type: string | undefined): FieldType => ({ kind: isScalar(type) ? type : "any" })

const defaultOf = (field: FieldTable, type: FieldType): Json | undefined => {
  if (field.default_value === undefined) return undefined
  const value = Moment.toIsoStrings(field.default_value)
  return (type.kind === "integer" || type.kind === "number") && typeof value === "boolean" ? Number(value) : value
}

const edges = ({ refines, structure }: Concept): ReadonlyArray<string> => [
  ...(refines === undefined ? [] : [refines]),
  ...(structure ?? []).flatMap(({ type }) => refsOf(type))
]

const withoutEdges = ({ code, description, domain, package: from, ref, structure }: Concept): Concept => ({
  ref,
  domain,
  code,
  description,
  ...(from === undefined ? {} : { package: from }),
  ...(structure === undefined ? {} : { structure: structure.map(withoutReference) })
})

const withoutReference = (field: Field): Field =>
  refsOf(field.type).length === 0 ? field : { ...field, type: { kind: "any" } }

/** The concepts that lie on a cycle of refinement or containment, each with one way around it. */
const cycles = (concepts: ReadonlyArray<Concept>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const next = new Map(concepts.map((concept) => [concept.ref, edges(concept)]))
  const found = new Map<string, ReadonlyArray<string>>()
  const done = new Set<string>()
  for (const { ref: start } of concepts) {
    if (done.has(start)) continue
    const stack: Array<{ readonly ref: string; at: number }> = [{ ref: start, at: 0 }]
    const open = new Map([[start, 0]])
    while (stack.length > 0) {
      const top = stack.at(-1)
      if (top === undefined) break
      const to = next.get(top.ref)?.[top.at++]
      if (to === undefined) {
        done.add(top.ref)
        open.delete(top.ref)
        stack.pop()
      } else if (open.has(to)) {
        const loop = stack.slice(open.get(to)).map(({ ref }) => ref)
        for (const ref of loop) if (!found.has(ref)) found.set(ref, [...loop, to])
      } else if (!done.has(to) && next.has(to)) {
        open.set(to, stack.length)
        stack.push({ ref: to, at: 0 })
      }
    }
  }
  return found
}
