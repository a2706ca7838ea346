import { own } from "../concept/Json.ts"
import * as Native from "../concept/Native.ts"
import * as Reference from "../concept/Reference.ts"
import type { Merged, Placed } from "./Merge.ts"
import { linked, type Sources, type Unit } from "./Sources.ts"

/** From where a reference is followed. */
export interface Place {
  readonly unit: Unit
  readonly domain: string
}

export interface Resolver {
  /** `domain.Code` that the text stands for, or nothing. */
  readonly concept: (text: string, from: Place) => string | undefined
  readonly pipe: (text: string, from: Place) => PipeTarget
}

export type PipeTarget =
  | { readonly kind: "found"; readonly ref: string; readonly isElsewhere: boolean }
  | { readonly kind: "broken" }
  | { readonly kind: "missing"; readonly wanted: string }
  | { readonly kind: "ambiguous"; readonly candidates: ReadonlyArray<string> }
  | { readonly kind: "package"; readonly package: string }
  | { readonly kind: "private"; readonly ref: string }

/** Natives of older versions, and what they are called now. */
const olderNatives: Readonly<Record<string, string>> = { ImgGenPrompt: "Text", PDF: "Document" }

/** Whether a concept as written is a native's name in an older version of the language. */
export const isOlderNative = (written: string, resolved: string): boolean =>
  resolved.startsWith("native.") && !Native.isNative(Reference.split(written).code)

const isPublic = (unit: Unit, domain: string, code: string): boolean => {
  if (unit.exports === undefined || unit.exports.get(domain)?.has(code) === true) return true
  return unit.bundles.some((bundle) => bundle.domain === domain && bundle.mainPipe === code)
}

export const make = (sources: Sources, merged: Merged, compat: boolean): Resolver => {
  const known = (ref: string): boolean => merged.concepts.has(ref) || merged.broken.has(ref)

  const concept = (text: string, from: Place): string | undefined => {
    const { code, domain, package: named } = Reference.split(text)
    if (named !== undefined) {
      const unit = linked(sources, from.unit, named)
      const ref = domain === undefined ? undefined : Reference.qualify(domain, code, unit?.package)
      return unit === undefined || ref === undefined || !known(ref) ? undefined : ref
    }
    if (domain === "native" || domain === undefined) {
      if (Native.isNative(code)) return `native.${code}`
      const older = compat ? own(olderNatives, code) : undefined
      const ref = Reference.qualify(from.domain, code, from.unit.package)
      if (domain === undefined && known(ref)) return ref
      return older === undefined ? undefined : `native.${older}`
    }
    const ref = Reference.qualify(domain, code, from.unit.package)
    return known(ref) ? ref : undefined
  }

  const target = (ref: string): PipeTarget | undefined =>
    merged.pipes.has(ref)
      ? { kind: "found", ref, isElsewhere: false }
      : merged.broken.has(ref)
      ? { kind: "broken" }
      : undefined

  const elsewhere = (code: string, from: Place): PipeTarget => {
    const candidates = Array.from(merged.pipes.values()).filter((pipe) => pipe.unit === from.unit && pipe.code === code)
      .map(({ ref }) => ref)
    const [only] = candidates
    if (only !== undefined && candidates.length === 1) return { kind: "found", ref: only, isElsewhere: true }
    if (candidates.length > 1) return { kind: "ambiguous", candidates }
    return { kind: "missing", wanted: Reference.qualify(from.domain, code, from.unit.package) }
  }

  const pipe = (text: string, from: Place): PipeTarget => {
    const { code, domain, package: named } = Reference.split(text)
    if (named !== undefined) {
      const unit = linked(sources, from.unit, named)
      if (unit === undefined) return { kind: "package", package: named }
      const [first] = unit.bundles
      const within = domain ?? first?.domain ?? ""
      const ref = Reference.qualify(within, code, unit.package)
      const found = target(ref) ?? { kind: "missing", wanted: ref }
      return found.kind === "found" && !isPublic(unit, within, code) ? { kind: "private", ref } : found
    }
    const within = domain ?? from.domain
    const ref = Reference.qualify(within, code, from.unit.package)
    const found = target(ref)
    if (found !== undefined) {
      return found.kind === "found" && within !== from.domain && !isPublic(from.unit, within, code) && !compat
        ? { kind: "private", ref }
        : found
    }
    return domain === undefined && compat ? elsewhere(code, from) : { kind: "missing", wanted: ref }
  }

  return { concept, pipe }
}

export const placeOf = (placed: Placed<unknown>): Place => ({ unit: placed.unit, domain: placed.domain })
