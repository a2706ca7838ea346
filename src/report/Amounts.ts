/** Amounts as people read them: durations, money, counts. */
export const duration = (millis: number): string => {
  const elapsed = Math.max(0, millis)
  if (elapsed < 999.5) return `${Math.round(elapsed)} ms`
  if (elapsed < 59_995) return `${(elapsed / 1000).toFixed(2)} s`
  const seconds = Math.round(elapsed / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`
}

/** US dollars. Small prices keep two digits that say something; `undefined` is a price that nobody knows. */
export const dollars = (amount: number | undefined): string => {
  if (amount === undefined) return "unknown"
  if (amount === 0) return "$0"
  if (Math.abs(amount) >= 0.01) return `$${amount.toFixed(4)}`
  return `$${amount.toFixed(Math.min(12, 1 - Math.floor(Math.log10(Math.abs(amount)))))}`
}

/** `12,345`, and `0.5` for what does not come whole. */
export const count = (amount: number): string => amount.toLocaleString("en-US", { maximumFractionDigits: 2 })

export const plural = (amount: number, one: string, many = `${one}s`): string =>
  `${count(amount)} ${amount === 1 ? one : many}`
