import type { Bundle } from "../bundle/Bundle.ts"
import type { ConceptBlueprint } from "../bundle/ConceptBlueprint.ts"
import * as Reference from "../concept/Reference.ts"
import * as Slot from "../concept/Slot.ts"
import type { Issue } from "../failure/Issue.ts"
import { slotText } from "../pipe/Header.ts"
import type * as Pipe from "../pipe/Pipe.ts"
import * as PipeSignature from "../pipe/PipeSignature.ts"
import type { Sources, Unit } from "./Sources.ts"
import { units } from "./Sources.ts"

/** A concept or pipe where it stands: its unit, domain and file. */
export interface Placed<A> {
  readonly unit: Unit
  readonly domain: string
  readonly code: string
  readonly file: string
  readonly ref: string
  readonly blueprint: A
  /** Its declared output is a label that an older rule left unchecked. */
  readonly isUnchecked: boolean
}

/** What is known of a domain: taken from the first file that says it. */
export interface DomainFacts {
  readonly description?: string
  readonly systemPrompt?: string
  readonly mainPipe?: string
}

export interface Merged {
  readonly concepts: ReadonlyMap<string, Placed<ConceptBlueprint>>
  readonly pipes: ReadonlyMap<string, Placed<Pipe.Blueprint>>
  /** Refs declared by something that could not be understood. */
  readonly broken: ReadonlySet<string>
  /** By `domain`, or `package->domain`. */
  readonly domains: ReadonlyMap<string, DomainFacts>
}

const conflict = (
  kind: "concept" | "pipe",
  { code, domain, ref }: { readonly code: string; readonly domain: string; readonly ref: string },
  file: string,
  other: string
): Issue => ({
  code: "method.name_conflict",
  path: [kind, code],
  [kind]: code,
  domain,
  file,
  names: [ref, other],
  params: { name: ref, conflict: "duplicate_declaration" },
  message: `${kind} "${ref}" is also declared in ${other}`,
  fix: "rename one of the two, or take one out"
})

const contract = (domain: string, { inputs, output }: Pipe.Blueprint): string => {
  const qualified = (text: string, role: "input" | "output"): string => {
    const slot = Slot.parse(text, role)
    if (typeof slot === "string") return text
    const { code, domain: named } = Reference.split(slot.concept)
    return Slot.show({ ...slot, concept: `${named ?? domain}.${code}`.replace(/^native\./, `${domain}.`) })
  }
  const read = Object.entries(inputs).map(([name, slot]) => `${name}=${qualified(slotText(slot), "input")}`)
  return `${read.toSorted().join(",")} -> ${qualified(output, "output")}`
}

/** The pipe that stays of two with one ref: the concrete one of a signature and its implementation, if their contracts agree. */
const reconcile = (
  known: Placed<Pipe.Blueprint>,
  added: Placed<Pipe.Blueprint>,
  issues: Array<Issue>
): Placed<Pipe.Blueprint> => {
  const signatures = [known, added].filter(({ blueprint }) => blueprint instanceof PipeSignature.Blueprint)
  if (signatures.length === 0) {
    issues.push(conflict("pipe", known, known.file, added.file), conflict("pipe", added, added.file, known.file))
    return known
  }
  if (contract(known.domain, known.blueprint) !== contract(added.domain, added.blueprint)) {
    issues.push({
      code: "method.signature_mismatch",
      path: ["pipe", added.code],
      pipe: added.code,
      domain: added.domain,
      file: added.file,
      message: `pipe "${added.ref}" does not have the inputs and output of its signature in ${known.file}`,
      names: [added.ref]
    })
  }
  return known.blueprint instanceof PipeSignature.Blueprint ? added : known
}

const bothOf = (known: DomainFacts, bundle: Bundle, issues: Array<Issue>): DomainFacts => {
  const facts = ["description", "systemPrompt", "mainPipe"] as const
  const keys = { description: "description", systemPrompt: "system_prompt", mainPipe: "main_pipe" }
  const merged: { description?: string; systemPrompt?: string; mainPipe?: string } = { ...known }
  for (const fact of facts) {
    const value = bundle[fact]
    if (value === undefined) continue
    if (merged[fact] === undefined) merged[fact] = value
    else if (merged[fact] !== value && fact !== "description") {
      issues.push({
        code: "method.name_conflict",
        warning: "domain_fact_ignored",
        path: [keys[fact]],
        file: bundle.file,
        domain: bundle.domain,
        message: `domain "${bundle.domain}" already has another ${keys[fact]}; the first one found is used`
      })
    }
  }
  return merged
}

/** Puts the files of all units together. Duplicates are faults of both files. */
export const merge = (sources: Sources, issues: Array<Issue>): Merged => {
  const concepts = new Map<string, Placed<ConceptBlueprint>>()
  const pipes = new Map<string, Placed<Pipe.Blueprint>>()
  const broken = new Set<string>()
  const domains = new Map<string, DomainFacts>()
  for (const unit of units(sources)) {
    for (const bundle of unit.bundles) {
      const { domain, file } = bundle
      const place = { unit, domain, file }
      const key = unit.package === undefined ? domain : `${unit.package}->${domain}`
      domains.set(key, bothOf(domains.get(key) ?? {}, bundle, issues))
      for (const code of bundle.broken) broken.add(Reference.qualify(domain, code, unit.package))
      for (const [code, blueprint] of bundle.concepts) {
        const added = {
          ...place,
          code,
          blueprint,
          ref: Reference.qualify(domain, code, unit.package),
          isUnchecked: false
        }
        const known = concepts.get(added.ref)
        if (known === undefined) concepts.set(added.ref, added)
        else issues.push(conflict("concept", known, known.file, file), conflict("concept", added, file, known.file))
      }
      for (const [code, blueprint] of bundle.pipes) {
        const added = {
          ...place,
          code,
          blueprint,
          ref: Reference.qualify(domain, code, unit.package),
          isUnchecked: bundle.unchecked.has(code)
        }
        const known = pipes.get(added.ref)
        pipes.set(added.ref, known === undefined ? added : reconcile(known, added, issues))
      }
    }
  }
  return { concepts, pipes, broken, domains }
}
