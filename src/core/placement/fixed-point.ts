// Amounts of scalar resources as Mesos counts them: fixed point with three decimals. Sums of floating point numbers
// drift (ten times 0.1 is not 1), and a launch that fits must not be lost to that; so placement calculates in whole
// thousandths and only the wire sees decimals.

/** Whole thousandths of a scalar amount. */
export const thousandths = (amount: number): number => Math.round(amount * 1000)

/** The amount of so many thousandths. */
export const fromThousandths = (count: number): number => count / 1000

/** A number with up to three decimals and no trailing zeros: the text form of scalar attributes (runtime 5.3). */
export function decimalText(value: number): string {
  const text = value.toFixed(3).replace(/\.?0+$/, '')
  return text === '-0' ? '0' : text
}

/**
 * A number as the original writes doubles into environment variables: always with a decimal point, with an exponent
 * from 10^7 up and below 10^-3 (`1.0`, `0.25`, `1.0E7`).
 */
export function doubleText(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) {
    const [mantissa = '', exponent = ''] = value.toExponential().split('e')
    return `${withPoint(mantissa)}E${Number(exponent)}`
  }
  return withPoint(String(value))
}

const withPoint = (digits: string): string => (digits.includes('.') ? digits : `${digits}.0`)
