import type { Concepts } from "../concept/Concept.ts"
import type { Issue } from "../failure/Issue.ts"
import type { Definition, Surroundings } from "../pipe/Definition.ts"
import * as Pipe from "../pipe/Pipe.ts"
import * as PipeBatch from "../pipe/PipeBatch.ts"
import * as PipeCondition from "../pipe/PipeCondition.ts"
import * as PipeParallel from "../pipe/PipeParallel.ts"
import * as PipeSequence from "../pipe/PipeSequence.ts"
import * as PipeSignature from "../pipe/PipeSignature.ts"
import type { ModelTable } from "../program/Models.ts"
import type { CompiledPipe, Method } from "../program/PipeRunner.ts"
import * as ConceptTable from "./ConceptTable.ts"
import { define, type Defined, link } from "./Definitions.ts"
import { elaborate } from "./Elaborate.ts"
import { type DomainFacts, merge } from "./Merge.ts"
import * as Resolve from "./Resolve.ts"
import * as Branching from "./rules/Branching.ts"
import * as Sequence from "./rules/Sequence.ts"
import type { Sources, Unit } from "./Sources.ts"

/** Checked bundles: concepts and pipes with every reference resolved, and each pipe's program, built when it is first asked for. */
export interface Library extends Method {
  readonly concepts: Concepts
  readonly pipes: ReadonlyMap<string, Defined>
  /** By `domain`, or `package->domain`. */
  readonly domains: ReadonlyMap<string, DomainFacts>
  readonly surroundings: Surroundings
  /** Refs of contracts without an implementation. */
  readonly signatures: ReadonlyArray<string>
}

/** Whether the method is a whole library, and not just its programs: only a library can be written as data. */
export const isLibrary = (method: Method): method is Library => "pipes" in method && "surroundings" in method

export interface Options {
  readonly models: ModelTable
  readonly compat: boolean
  /** Names of the functions that the host has registered. */
  readonly functions?: ReadonlySet<string>
}

export interface Made {
  /** Absent when there are issues that forbid to run anything. */
  readonly library: Library | undefined
  readonly issues: ReadonlyArray<Issue>
  readonly warnings: ReadonlyArray<Issue>
}

const checkDefinition = (
  defined: Defined,
  surroundings: Surroundings,
  unchecked: (called: Definition) => boolean
): ReadonlyArray<Issue> => {
  const { blueprint } = defined
  const own = Pipe.check(defined, surroundings)
  if (blueprint instanceof PipeSequence.Blueprint) {
    return [...own, ...Sequence.check({ ...defined, blueprint }, surroundings, unchecked)]
  }
  if (blueprint instanceof PipeParallel.Blueprint) {
    return [...own, ...Branching.checkParallel({ ...defined, blueprint }, surroundings)]
  }
  if (blueprint instanceof PipeCondition.Blueprint) {
    return [...own, ...Branching.checkCondition({ ...defined, blueprint }, surroundings)]
  }
  if (blueprint instanceof PipeBatch.Blueprint) {
    return [...own, ...Branching.checkBatch({ ...defined, blueprint }, surroundings)]
  }
  return own
}

const elaborated = (unit: Unit, issues: Array<Issue>): Unit => ({
  ...unit,
  bundles: unit.bundles.map((bundle) => elaborate(bundle, issues))
})

const elaborateAll = ({ own, packages }: Sources, issues: Array<Issue>): Sources => ({
  own: elaborated(own, issues),
  packages: new Map(Array.from(packages, ([name, unit]) => [name, elaborated(unit, issues)]))
})

const located = ({ domain, placed }: Defined) => (issue: Issue): Issue => ({ domain, file: placed.file, ...issue })

/** Pipes whose references are resolved, not yet checked against each other. */
export interface Assembled {
  readonly concepts: Concepts
  readonly pipes: ReadonlyMap<string, Defined>
  readonly domains: ReadonlyMap<string, DomainFacts>
  readonly find: Surroundings["find"]
}

/** Checks what was assembled. Every fault is reported; a library comes out only when there is none, `found` included. */
export const build = (
  { concepts, domains, find, pipes }: Assembled,
  options: Options,
  found: ReadonlyArray<Issue> = []
): Made => {
  const surroundings: Surroundings = {
    concepts,
    models: options.models,
    compat: options.compat,
    find,
    hasFunction: (name) => options.functions?.has(name) ?? false
  }
  const unchecked = (called: Definition) => pipes.get(called.ref)?.placed.isUnchecked ?? false
  const all = [
    ...found,
    ...Array.from(pipes.values()).flatMap((defined) =>
      checkDefinition(defined, surroundings, unchecked).map(located(defined))
    )
  ]
  const issues = all.filter(({ warning }) => warning === undefined)
  const warnings = all.filter(({ warning }) => warning !== undefined)
  if (issues.length > 0) return { library: undefined, issues, warnings }

  const compiled = new Map<string, CompiledPipe>()
  const pipe = (ref: string): CompiledPipe | undefined => {
    const known = compiled.get(ref)
    if (known !== undefined) return known
    const defined = pipes.get(ref)
    if (defined === undefined) return undefined
    const program = Pipe.compile(defined, surroundings)
    compiled.set(ref, program)
    return program
  }
  const signatures = Array.from(pipes.values()).filter(({ blueprint }) => blueprint instanceof PipeSignature.Blueprint)
    .map(({ ref }) => ref)
  return { library: { concepts, pipes, pipe, domains, surroundings, signatures }, issues, warnings }
}

/** Puts bundles together and checks them. `found` are the faults already seen while the bundles were read. */
export const make = (written: Sources, options: Options, found: ReadonlyArray<Issue> = []): Made => {
  const issues: Array<Issue> = [...found]
  const sources = elaborateAll(written, issues)
  const merged = merge(sources, issues)
  const resolver = Resolve.make(sources, merged, options.compat)
  const concepts = ConceptTable.build(merged, resolver, issues)
  const pipes = define(merged, resolver, issues)
  const find = link(pipes, merged, resolver, issues)
  return build({ concepts, pipes, domains: merged.domains, find }, options, issues)
}
