/** Edit distance with adjacent transpositions, bounded by the longer word. */
const distance = (a: string, b: string): number => {
  const width = b.length + 1
  let before: Array<number> = []
  let previous = Array.from({ length: width }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j < width; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let best = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, substitution)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (before[j - 2] ?? 0) + 1)
      }
      current.push(best)
    }
    before = previous
    previous = current
  }
  return previous[b.length] ?? 0
}

/** The candidates closest to what was written, best first: so much of the longer name must agree, half of it unless told. */
export const closest = (
  written: string,
  candidates: Iterable<string>,
  most = 3,
  least = 0.5
): ReadonlyArray<string> => {
  const word = written.slice(0, 200)
  return Array.from(new Set(candidates))
    .filter((candidate) => candidate.length <= 200)
    .map((candidate) => {
      const longer = Math.max(word.length, candidate.length, 1)
      return { candidate, likeness: 1 - distance(word.toLowerCase(), candidate.toLowerCase()) / longer }
    })
    .filter(({ likeness }) => likeness >= least)
    .toSorted((a, b) => b.likeness - a.likeness || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, most)
    .map(({ candidate }) => candidate)
}

/** `; did you mean "x"?` or nothing. */
export const didYouMean = (suggestions: ReadonlyArray<string>): string =>
  suggestions.length === 0 ? "" : `; did you mean ${suggestions.map((name) => `"${name}"`).join(" or ")}?`

/** What is said of a name that is none: what was meant, or what there is. */
export const notThere = (kind: string, name: string, known: ReadonlyArray<string>): string =>
  `no ${kind} is called "${name}"${didYouMean(closest(name, known)) || `; there is ${known.join(", ")}`}`
