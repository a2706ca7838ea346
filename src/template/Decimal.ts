/** Floats in decimal, exactly: the shortest text that reads back, and correct rounding (half to even) to any number of digits. */
const view = new DataView(new ArrayBuffer(8))

/** `significand × 2 ** exponent`, for a finite float without its sign. */
const binary = (value: number): { readonly significand: bigint; readonly exponent: number } => {
  view.setFloat64(0, Math.abs(value))
  const bits = view.getBigUint64(0)
  const biased = Number(bits >> 52n)
  const fraction = bits & 0xfffffffffffffn
  return biased === 0
    ? { significand: fraction, exponent: -1074 }
    : { significand: fraction | 0x10000000000000n, exponent: biased - 1075 }
}

const divideHalfEven = (numerator: bigint, denominator: bigint): bigint => {
  const quotient = numerator / denominator
  const twice = (numerator % denominator) * 2n
  if (twice === denominator) return quotient + (quotient & 1n)
  return twice > denominator ? quotient + 1n : quotient
}

/** `|value| × 10 ** digits`, rounded half to even. */
const scaled = (value: number, digits: number): bigint => {
  const { exponent, significand } = binary(value)
  const numerator = significand * 2n ** BigInt(Math.max(0, exponent)) * 10n ** BigInt(Math.max(0, digits))
  return divideHalfEven(numerator, 2n ** BigInt(Math.max(0, -exponent)) * 10n ** BigInt(Math.max(0, -digits)))
}

export const unsigned = (digits: string, decimals: number): string => {
  if (decimals <= 0) return digits
  const wide = digits.padStart(decimals + 1, "0")
  return `${wide.slice(0, -decimals)}.${wide.slice(-decimals)}`
}

/** `|value|` with this many decimals. */
export const fixed = (value: number, decimals: number): string => unsigned(scaled(value, decimals).toString(), decimals)

/** `|value|` with this many significant digits, as digits and a decimal exponent. */
export const significant = (value: number, count: number): { readonly digits: string; readonly exponent: number } => {
  if (value === 0) return { digits: "0".repeat(count), exponent: 0 }
  const guess = Number(Math.abs(value).toExponential().split("e")[1])
  const digits = scaled(value, count - 1 - guess).toString()
  return digits.length > count ? { digits: digits.slice(0, count), exponent: guess + 1 } : { digits, exponent: guess }
}

export const exponentText = (exponent: number): string =>
  `e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`

/** As Python's `repr`: shortest digits, an exponent outside 1e-4 … 1e16, always a mark of a float. */
export const repr = (value: number): string => {
  if (Number.isNaN(value)) return "nan"
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf"
  const sign = value < 0 || Object.is(value, -0) ? "-" : ""
  const [shortest = "0", power = "0"] = Math.abs(value).toExponential().split("e")
  const digits = shortest.replace(".", "")
  const exponent = Number(power)
  if (exponent < -4 || exponent >= 16) return `${sign}${shortest}${exponentText(exponent)}`
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`
  const whole = digits.padEnd(exponent + 1, "0")
  return `${sign}${whole.slice(0, exponent + 1)}.${whole.slice(exponent + 1) || "0"}`
}

/** Rounded half to even at this many decimals (negative: tens, hundreds…). */
export const round = (value: number, decimals: number): number => {
  if (!Number.isFinite(value) || value === 0 || decimals > 340) return value
  const magnitude = decimals < -310 ? 0 : Number(`${scaled(value, decimals)}e${-decimals}`)
  return value < 0 ? -magnitude : magnitude
}

/** A finite float's whole part. */
export const truncated = (value: number): bigint => BigInt(Math.trunc(value))
