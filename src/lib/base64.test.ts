import { expect, test } from 'vitest'
import { bytesOfBase64 } from './base64.ts'

test.each([[''], ['h'], ['hi'], ['him'], ['\u0000\u00ff\u0080 any byte \u007f']])(
  '%j is read as it was written',
  (text) => {
    const bytes = Buffer.from(text, 'latin1')
    expect(bytesOfBase64(bytes.toString('base64'))).toEqual([...bytes])
    expect(bytesOfBase64(bytes.toString('base64').replaceAll('=', ''))).toEqual([...bytes])
  },
)
