import type { Bundle } from "../bundle/Bundle.ts"

/** The bundles of one package: the method itself, or a package it depends on. */
export interface Unit {
  /** What its refs start with, before `->`; undefined for the method itself. */
  readonly package?: string
  readonly bundles: ReadonlyArray<Bundle>
  /** Pipes that other packages and domains may name, by domain. Undefined: everything is public. */
  readonly exports?: ReadonlyMap<string, ReadonlySet<string>>
  /** What stands before `->` in its bundles, as written → the package meant. */
  readonly links: ReadonlyMap<string, string>
}

/** What a library is made from: the method's own unit, and its packages by name. */
export interface Sources {
  readonly own: Unit
  readonly packages: ReadonlyMap<string, Unit>
}

export const units = ({ own, packages }: Sources): ReadonlyArray<Unit> => [own, ...packages.values()]

/** The package that a reference of this unit names. */
export const linked = ({ packages }: Sources, from: Unit, reference: string): Unit | undefined => {
  const name = from.links.get(reference)
  return name === undefined ? undefined : packages.get(name)
}
