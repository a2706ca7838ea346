/** How long a provider asks to wait, from the headers of its refusal. */
export type Header = (name: string) => string | null | undefined

/** A delay that can be obeyed, or nothing: what is negative, infinite or no number at all is not heard. */
const sound = (seconds: number): number | undefined => Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined

const decimal = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)\s*$/

const dated = (text: string, nowMillis: number): number | undefined => {
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, (at - nowMillis) / 1000)
}

/**
 * Seconds to wait. `retry-after-ms` is heard before `Retry-After`, which is a number of seconds or a date; a date that has passed asks for
 * no delay.
 */
export const seconds = (header: Header, nowMillis: number): number | undefined => {
  const millis = header("retry-after-ms")
  const fine = typeof millis === "string" && decimal.test(millis) ? sound(Number(millis) / 1000) : undefined
  if (fine !== undefined) return fine
  const coarse = header("retry-after")
  if (typeof coarse !== "string" || coarse.trim() === "") return undefined
  return decimal.test(coarse) ? sound(Number(coarse)) : dated(coarse, nowMillis)
}
